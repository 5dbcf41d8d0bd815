# node_addon(<name> <sources>…): an addon, with the warnings, definitions and sanitizers of all
# cmake-js builds.
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")

execute_process(
  COMMAND node -p "require('node-addon-api').include_dir"
  WORKING_DIRECTORY ${CMAKE_CURRENT_LIST_DIR}/..
  OUTPUT_VARIABLE NODE_ADDON_API
  OUTPUT_STRIP_TRAILING_WHITESPACE
)
get_filename_component(NODE_ADDON_API ${NODE_ADDON_API} ABSOLUTE
  BASE_DIR ${CMAKE_CURRENT_LIST_DIR}/..)

function(node_addon NAME)
  add_library(${NAME} MODULE ${ARGN})
  set_target_properties(${NAME} PROPERTIES PREFIX "" SUFFIX ".node")
  target_include_directories(${NAME} PRIVATE ${CMAKE_JS_INC} ${NODE_ADDON_API})
  target_compile_definitions(${NAME} PRIVATE
    NAPI_VERSION=8
    NAPI_DISABLE_CPP_EXCEPTIONS
    NODE_ADDON_API_DISABLE_DEPRECATED
    NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
  )
  target_compile_options(${NAME} PRIVATE
    -Wall -Wextra -Werror -fvisibility=hidden -fno-exceptions
  )
  if(SANITIZE)
    target_compile_options(${NAME} PRIVATE -fsanitize=${SANITIZE} -fno-omit-frame-pointer)
    target_link_options(${NAME} PRIVATE -fsanitize=${SANITIZE})
  endif()
endfunction()
