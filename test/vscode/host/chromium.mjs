// Finds the Chromium that shows the VS Code served over HTTP; installs it where that takes no decision by anybody
// (root on a Debian system, as in a CI container).
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'];
/** Emoji and a Latin font: without them the rating buttons are empty boxes on screenshots. */
const DEBIAN_PACKAGES = ['chromium', 'fonts-noto-color-emoji', 'fonts-liberation'];

const executable = (file) => {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
};

function found() {
  const wanted = process.env.CHROME_PATH;
  if (wanted) return executable(wanted) ? wanted : null;
  const folders = ['/usr/bin', '/usr/local/bin', '/snap/bin', ...(process.env.PATH ?? '').split(path.delimiter)];
  for (const name of NAMES) {
    for (const folder of folders) {
      const file = path.join(folder, name);
      if (executable(file)) return file;
    }
  }
  return null;
}

function apt(args, print) {
  print(`  apt-get ${args.join(' ')}`);
  const done = spawnSync('apt-get', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    maxBuffer: 64 << 20,
  });
  return done.status === 0
    ? null
    : (done.stderr || String(done.error ?? 'apt-get failed')).trim().split('\n').slice(-3).join(' ');
}

/**
 * The Chromium to use. Looks at $CHROME_PATH, then at the usual names.
 * @returns {{ok: true, file: string} | {ok: false, reason: string}} `reason` names the one thing to do
 */
export function findChromium({ print = console.log } = {}) {
  const there = found();
  if (there) return { ok: true, file: there };
  if (process.env.CHROME_PATH)
    return { ok: false, reason: `CHROME_PATH is not an executable file: ${process.env.CHROME_PATH}` };
  const debian = fs.existsSync('/etc/debian_version') && executable('/usr/bin/apt-get');
  if (!debian)
    return { ok: false, reason: 'Chromium is missing: install Chromium or Chrome, or set CHROME_PATH to one.' };
  if (process.getuid?.() !== 0) return { ok: false, reason: 'Chromium is missing: sudo apt-get install chromium' };
  print('Chromium is missing; this is Debian and we are root, so it is installed now:');
  const problem =
    apt(['update'], print) ?? apt(['install', '-y', '--no-install-recommends', ...DEBIAN_PACKAGES], print);
  const file = found();
  if (!file)
    return {
      ok: false,
      reason: `Chromium could not be installed: ${problem ?? 'no executable after apt-get install'}`,
    };
  return { ok: true, file };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const chromium = findChromium();
  console.log(chromium.ok ? chromium.file : chromium.reason);
  process.exitCode = chromium.ok ? 0 : 1;
}
