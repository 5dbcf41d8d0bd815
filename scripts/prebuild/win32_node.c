/* Windows: the addon's imports from Node are taken from the program that loads it, whatever that is
   called, or from a libnode.dll. (node-gyp's own builds have its delay-load hook for it.) The
   compiler is told the functions' names in NODE_FUNCTIONS. */
#include <windows.h>

#define SLOT(name) void* __imp_##name;
NODE_FUNCTIONS(SLOT)

__attribute__((constructor)) static void Bind(void) {
  HMODULE node = GetModuleHandleW(L"libnode.dll");
  if (node == NULL) node = GetModuleHandleW(NULL);
#define BIND(name) __imp_##name = (void*)GetProcAddress(node, #name);
  NODE_FUNCTIONS(BIND)
}
