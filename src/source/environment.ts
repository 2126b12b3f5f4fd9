/**
 * The library's one look at the process: the variables that name ffmpeg, proxies and certificates. The AWS SDK's word on which Node.js
 * its next version will need is for developers, and would stand on the stderr of every program.
 */
export function environment(): NodeJS.ProcessEnv {
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  return process.env;
}
