// Bundle the extension into dist/extension.js, and with `--tests` its tests into dist/test/.

import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { build } from "esbuild";

const UNKNOWN = "<the address that you cloned einlint from>";

/** Where pip finds einlint: $EINLINT_REPOSITORY, or the remote that this checkout was cloned from. */
function repository() {
  const given = process.env.EINLINT_REPOSITORY;
  return given || webAddress(remote()) || UNKNOWN;
}

function remote() {
  try {
    return execFileSync("git", ["config", "remote.origin.url"], { encoding: "utf8" }).trim();
  } catch {
    return ""; // no remote, or no checkout
  }
}

/** The address without a user or a password; nothing for a folder of this machine. */
function webAddress(url) {
  const short = /^(?:\w+@)?([\w.-]+\.\w+):(?!\/\/)(.+)$/.exec(url);
  if (short) {
    return `https://${short[1]}/${short[2]}`;
  }
  const long = /^(https?|ssh|git):\/\/(?:[^@/]*@)?(.+)$/.exec(url);
  return long ? `https://${long[2]}` : "";
}

const shared = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode"],
  define: { REPOSITORY: JSON.stringify(repository()) },
  logLevel: "warning",
};

rmSync("dist", { recursive: true, force: true });
await build({ ...shared, entryPoints: ["src/extension.ts"], outdir: "dist", minify: true });
if (process.argv.includes("--tests")) {
  const entryPoints = ["test/extension.test.ts"];
  await build({ ...shared, entryPoints, outdir: "dist/test", sourcemap: "inline" });
}
