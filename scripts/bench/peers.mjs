import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
/** Debian's packages are for its own Python, whatever other comes first in PATH. */
const PYTHONS = ["/usr/bin/python3", "python3"];
const AWS = ["/usr/bin/aws", "aws"];

const MODULES = {
  opencv: { module: "cv2", missing: "not installed (apt-get install python3-opencv)" },
  pyav: { module: "av", missing: "not installed (apt-get install python3-av)" },
};

/** A Python that has the module, and the module's version: { command, version }, or { missing }. */
export async function pythonWith(peer) {
  const { module, missing } = MODULES[peer];
  return (await first(PYTHONS, ["-c", `import ${module}; print(${module}.__version__)`])) ?? { missing };
}

/** The AWS CLI: { command, version }, or { missing }. */
export const awsCli = async () => (await first(AWS, ["--version"])) ?? { missing: "not installed (apt-get install awscli)" };

async function first(commands, args) {
  for (const command of commands) {
    const answer = await run(command, args).catch(() => undefined);
    if (answer) return { command, version: answer.stdout.trim() };
  }
  return undefined;
}
