// Windows: the addon's imports from "node.exe" are taken from the program that loads it, whatever
// that is called, or from a libnode.dll. node-gyp's own hook does it for MSVC; this one is for the
// delay-import libraries of GNU dlltool.
#if defined(__MINGW32__)

// delayimp.h needs windows.h's types.
// clang-format off
#include <windows.h>
#include <delayimp.h>
// clang-format on

#include <cstdint>
#include <cstring>

namespace {

template <typename T>
T* At(HMODULE base, RVA offset) {
  return reinterpret_cast<T*>(reinterpret_cast<uint8_t*>(base) + offset);
}

HMODULE ThisModule() {
  HMODULE module = nullptr;
  ::GetModuleHandleExW(
      GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
      reinterpret_cast<LPCWSTR>(reinterpret_cast<uintptr_t>(&ThisModule)), &module);
  return module;
}

// All imports at once: dlltool's stub for a first call loses floating-point arguments, which
// napi_create_double has. What this Node lacks stays for the stub, and fails when it is called.
void BindAll(const ImgDelayDescr& descriptor, HMODULE node) {
  const HMODULE self = ThisModule();
  auto* bound = At<IMAGE_THUNK_DATA>(self, descriptor.rvaIAT);
  const auto* named = At<const IMAGE_THUNK_DATA>(self, descriptor.rvaINT);
  for (; named->u1.AddressOfData != 0; named++, bound++) {
    if (IMAGE_SNAP_BY_ORDINAL(named->u1.Ordinal)) continue;
    const auto* name =
        At<const IMAGE_IMPORT_BY_NAME>(self, static_cast<RVA>(named->u1.AddressOfData));
    const FARPROC function = ::GetProcAddress(node, reinterpret_cast<const char*>(name->Name));
    if (function != nullptr) bound->u1.Function = reinterpret_cast<uintptr_t>(function);
  }
}

FARPROC WINAPI OnDelayLoad(unsigned event, PDelayLoadInfo info) {
  if (event != dliNotePreLoadLibrary || ::lstrcmpiA(info->szDll, "node.exe") != 0) return nullptr;
  HMODULE node = ::GetModuleHandleW(L"libnode.dll");
  if (node == nullptr) node = ::GetModuleHandleW(nullptr);
  BindAll(*info->pidd, node);
  return reinterpret_cast<FARPROC>(reinterpret_cast<void*>(node));
}

}  // namespace

// NOLINTNEXTLINE(bugprone-reserved-identifier): the name is delayimp.h's.
PfnDliHook __pfnDliNotifyHook2 = OnDelayLoad;

#endif
