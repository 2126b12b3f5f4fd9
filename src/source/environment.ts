/** The library's one look at the process: the variables that name ffmpeg, proxies and certificates. */
export const environment = (): NodeJS.ProcessEnv => process.env;
