// `npm run cli -- ...`: builds what is missing or older than the sources, silently, and runs the command line.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(fileURLToPath(import.meta.url), '..', '..');
const entry = join(root, 'dist', 'src', 'cli.js');

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
    return statSync(entry).mtimeMs >= Math.max(newest(join(root, 'src')), newest(join(root, 'migrations')));
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
const { status } = spawnSync(process.execPath, [entry, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(status ?? 1);
