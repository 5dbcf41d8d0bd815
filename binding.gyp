{
  'targets': [
    {
      'target_name': 'bsd_sockets',
      'sources': [
        'native/addon.cc',
        'native/arguments.cc',
        'native/calls.cc',
        'native/constants.cc',
        'native/control.cc',
        'native/messages.cc',
        'native/nudge.cc',
        'native/owner.cc',
        'native/resolver.cc',
        'native/structs.cc',
        'native/watcher.cc',
      ],
      'include_dirs': ["<!(node -p \"require('node-addon-api').include_dir\")"],
      'defines': [
        'NAPI_VERSION=8',
        'NAPI_DISABLE_CPP_EXCEPTIONS',
        'NODE_ADDON_API_DISABLE_DEPRECATED',
        # Nothing can be thrown in a thread that is to end: that is no reason to end the process.
        'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
      ],
      'cflags_cc': ['-std=c++17', '-Wall', '-Wextra', '-fvisibility=hidden'],
      'conditions': [
        ['OS=="linux"', {
          'sources': [
            'native/platform/linux.cc',
            'native/platform/linux_calls.cc',
            'native/platform/linux_constants.cc',
            'native/platform/linux_families.cc',
            'native/platform/linux_nudge.cc',
            'native/platform/linux_structs.cc',
            'native/platform/posix_calls.cc',
            'native/platform/posix_constants.cc',
            'native/platform/posix_nudge.cc',
            'native/platform/posix_structs.cc',
          ],
        }],
        ['OS=="mac"', {
          'sources': [
            'native/platform/darwin.cc',
            'native/platform/darwin_calls.cc',
            'native/platform/darwin_constants.cc',
            'native/platform/darwin_nudge.cc',
            'native/platform/darwin_structs.cc',
            'native/platform/posix_calls.cc',
            'native/platform/posix_constants.cc',
            'native/platform/posix_nudge.cc',
            'native/platform/posix_structs.cc',
          ],
          'xcode_settings': {
            'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
            'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
            'MACOSX_DEPLOYMENT_TARGET': '11.0',
          },
        }],
        ['OS=="win"', {
          'sources': [
            'native/platform/win32.cc',
            'native/platform/win32_constants.cc',
            'native/platform/win32_loop.cc',
            'native/platform/win32_nudge.cc',
            'native/platform/win32_poll.cc',
          ],
          'libraries': ['-lws2_32', '-liphlpapi'],
          'msvs_settings': {'VCCLCompilerTool': {'AdditionalOptions': ['/std:c++17']}},
        }],
      ],
    },
  ],
}
