import { expect, test } from 'vitest';
import { runtimeCure } from '../../src/embeddings/runtime-failures.ts';

// Each text is one of a public report.
test.each<[string, NodeJS.Platform, string, string, string, RegExp]>([
  [
    'a Mac with an Intel processor',
    'darwin',
    'x64',
    'MODULE_NOT_FOUND',
    "Cannot find module '../bin/napi-v6/darwin/x64/onnxruntime_binding.node'\nRequire stack:\n- /x/binding.js",
    /Intel processor.*Apple processor.*arm64/,
  ],
  [
    'Windows without the Visual C++ runtime',
    'win32',
    'x64',
    'ERR_DLOPEN_FAILED',
    'The specified module could not be found.\n\\\\?\\C:\\x\\onnxruntime_binding.node',
    /vc_redist\.x64\.exe/,
  ],
  [
    'a Windows that says so in German, on ARM',
    'win32',
    'arm64',
    'ERR_DLOPEN_FAILED',
    'Das angegebene Modul wurde nicht gefunden.\n\\\\?\\C:\\x\\onnxruntime_binding.node',
    /vc_redist\.arm64\.exe/,
  ],
  [
    'a Mac with what a browser has downloaded',
    'darwin',
    'arm64',
    'ERR_DLOPEN_FAILED',
    "dlopen(/x/onnxruntime_binding.node, 0x0001): tried: '/x/onnxruntime_binding.node' (code signature in <C444> '/x/onnxruntime_binding.node' not valid for use in process: library load disallowed by system policy)",
    /xattr -dr com\.apple\.quarantine/,
  ],
  [
    'the Node inside an app on a Mac',
    'darwin',
    'arm64',
    'ERR_DLOPEN_FAILED',
    "dlopen(/x/a.node, 0x0001): tried: '/x/a.node' (code signature in <7EF4> '/x/a.node' not valid for use in process: mapping process and mapped file (non-platform) have different Team IDs)",
    /install Node from https:\/\/nodejs\.org/,
  ],
  [
    'an old Linux',
    'linux',
    'x64',
    'ERR_DLOPEN_FAILED',
    "/lib/x86_64-linux-gnu/libm.so.6: version `GLIBC_2.27' not found (required by /x/libonnxruntime.so.1)",
    /newer release/,
  ],
  [
    'Alpine',
    'linux',
    'x64',
    'ERR_DLOPEN_FAILED',
    'Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by /x/onnxruntime_binding.node)',
    /glibc/,
  ],
  [
    'node_modules from another machine',
    'linux',
    'arm64',
    'MODULE_NOT_FOUND',
    "Cannot find module '../bin/napi-v6/linux/arm64/onnxruntime_binding.node'",
    /delete node_modules and install again here/,
  ],
])('%s is told what helps', (_machine, platform, arch, code, message, cure) => {
  const error = Object.assign(new Error(message), { code });
  expect(runtimeCure(error, { platform, arch })).toMatch(cure);
});

test('what nobody has reported gets no advice that might be wrong', () => {
  expect(
    runtimeCure(new Error('Unexpected end of input'), { platform: 'linux', arch: 'x64' }),
  ).toBeUndefined();
});
