// Why the native part of the package that runs models cannot be loaded, as the systems say it, and what helps. The texts
// are those of public reports: of Windows, which says them in its own language, only the code is asked.

interface RuntimeFailure {
  readonly says: RegExp;
  readonly platform?: NodeJS.Platform;
  /** Code of the error. */
  readonly code?: string;
  /** @param arch of this process */
  readonly cure: (arch: string) => string;
}

const known: readonly RuntimeFailure[] = [
  {
    // https://github.com/huggingface/transformers.js/issues/1634: dropped after 1.23.
    says: /bin[\\/]napi-v\d+[\\/]darwin[\\/]x64[\\/]onnxruntime_binding\.node/,
    platform: 'darwin',
    code: 'MODULE_NOT_FOUND',
    cure: () =>
      'It has none for Macs with an Intel processor since its version 1.24. If this Mac has an Apple processor, its Node is for Intel: install one for arm64 from https://nodejs.org and start the server with that.',
  },
  {
    // https://onnxruntime.ai/docs/install/#requirements
    says: /./,
    platform: 'win32',
    code: 'ERR_DLOPEN_FAILED',
    cure: (arch) =>
      `Windows most likely lacks the Microsoft Visual C++ runtime, or has an old one: install https://aka.ms/vs/17/release/vc_redist.${arch === 'arm64' ? 'arm64' : 'x64'}.exe, then restart the client.`,
  },
  {
    // https://github.com/modelcontextprotocol/mcpb/issues/79: the Node inside an app takes only what that app's maker signed.
    says: /different Team IDs/,
    platform: 'darwin',
    cure: () =>
      'The Node inside an app loads only what the maker of that app has signed: install Node from https://nodejs.org, and name its absolute path as "command" in the settings of the client.',
  },
  {
    says: /disallowed by system policy|not verified|code signature/i,
    platform: 'darwin',
    cure: () =>
      'macOS has put it in quarantine, as it does with what a browser has downloaded: run `xattr -dr com.apple.quarantine FOLDER` on the folder of hydrogen-mcp, then restart the client.',
  },
  {
    says: /incompatible architecture|wrong architecture|wrong ELF class/i,
    cure: (arch) =>
      `It was installed for another processor than that of this Node (${arch}): delete node_modules and install again with this Node.`,
  },
  {
    says: /GLIBC(XX)?_[\d.]+['’]? not found/,
    platform: 'linux',
    cure: () =>
      'It needs a newer system library than this Linux has: run hydrogen-mcp on a newer release, or in a container of its image.',
  },
  {
    says: /ld-linux|libc\.musl|fcntl64|__\w+_chk: symbol not found/,
    platform: 'linux',
    cure: () =>
      'It needs glibc, which this Linux (Alpine, for one) does not have: run hydrogen-mcp on Debian, Ubuntu or the like.',
  },
  {
    says: /libstdc\+\+\.so/,
    platform: 'linux',
    cure: () => 'Install the C++ library of the system (libstdc++6, or libstdc++), then restart.',
  },
  {
    says: /bin[\\/]napi-v\d+[\\/]\w+[\\/]\w+[\\/]onnxruntime_binding\.node/,
    code: 'MODULE_NOT_FOUND',
    cure: (arch) =>
      `It is missing for this system (${arch}), as where node_modules was copied from another: delete node_modules and install again here.`,
  },
];

/**
 * What helps where the native part cannot be loaded; undefined where that is not known.
 * @param error of loading it
 */
export function runtimeCure(
  error: Error & { readonly code?: unknown },
  { platform, arch }: { readonly platform: NodeJS.Platform; readonly arch: string } = process,
): string | undefined {
  return known
    .find(
      (one) =>
        (one.platform === undefined || one.platform === platform) &&
        (one.code === undefined || one.code === error.code) &&
        one.says.test(error.message),
    )
    ?.cure(arch);
}
