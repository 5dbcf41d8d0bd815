// What Linux's own files have from one another.
#pragma once

#include "../constants.h"

namespace os {

ConstantList FamilyConstants();

}  // namespace os
