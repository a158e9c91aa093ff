// Builds the client where npm installs it from this folder: npm links a folder, and installs nothing that it needs.

import { execSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const tsc = "node_modules/typescript/bin/tsc";
if (!existsSync(`${here}${tsc}`)) {
  execSync("npm ci --ignore-scripts --no-audit --no-fund", { cwd: here, stdio: "inherit" });
}
execSync(`node ${tsc}`, { cwd: here, stdio: "inherit" });
