// What stands for an open descriptor of a socket object, which knows it by a number.
#pragma once

#include "arguments.h"
#include "environment.h"
#include "platform/os.h"

struct Watcher;

struct Owner {
  os::Descriptor fd;
  bool closes;
  // Null while nobody has waited on the event loop.
  Watcher* watcher;
  // Its place in the environment's table; null when the environment has ended.
  Environment* environment;
  uint32_t number;
};

// The owner whose number own() gave, at `index`; null, and an error, for anything else.
template <size_t N>
Owner* GetOwner(Arguments<N>* arguments, size_t index) {
  const auto number = static_cast<uint32_t>(
      arguments->Integer(index, "owner", 0, UINT32_MAX, "a number that own() gave"));
  if (!arguments->ok()) return nullptr;
  const std::vector<Owner*>& owners = arguments->environment()->owners;
  Owner* owner = number < owners.size() ? owners[number] : nullptr;
  if (owner == nullptr)
    arguments->Fail(index, "owner", Invalid::kRange, "of an owner that is kept");
  return owner;
}

// Ends the watcher, if there is one: before the descriptor is closed or given away.
void CloseWatcher(Owner* owner);

// Closes what an environment that ends still has open: Bun and Deno finalize nothing that is left
// when a worker ends.
void CloseOwned(Environment* environment);
