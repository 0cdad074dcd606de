// `npm run cli -- ...`, `npm run simulate -- ...`: builds what is missing or older than the sources, silently, and runs the first
// argument, a file of dist, with the others.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(fileURLToPath(import.meta.url), '..', '..');
const [script, ...options] = process.argv.slice(2);
const entry = join(root, 'dist', script);
const SOURCES = ['src', 'migrations', 'simulate'];

function newest(directory) {
  return Math.max(
    0,
    ...readdirSync(directory, { withFileTypes: true }).map((item) => {
      const path = join(directory, item.name);
      return item.isDirectory() ? newest(path) : statSync(path).mtimeMs;
    }),
  );
}

function isBuilt() {
  try {
    return statSync(entry).mtimeMs >= Math.max(...SOURCES.map((folder) => newest(join(root, folder))));
  } catch {
    return false;
  }
}

// An installation without sources has nothing to build.
let sources = true;
try {
  statSync(join(root, 'src'));
} catch {
  sources = false;
}
if (sources && !isBuilt()) {
  const build = spawnSync(join(root, 'node_modules', '.bin', 'nest'), ['build'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (build.status !== 0) process.exit(build.status ?? 1);
}
const { status } = spawnSync(process.execPath, [entry, ...options], { stdio: 'inherit' });
process.exit(status ?? 1);
