// One VS Code profile: where its settings, extensions, state and sockets lie, and what stands in its settings.
// A profile outlives a VS Code started on it, which is how a restart is tested.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Colour themes that come with VS Code, by the short names the command lines take. */
export const THEMES = {
  dark: 'Dark 2026',
  light: 'Light 2026',
  hc: 'Default High Contrast',
  hcLight: 'Default High Contrast Light',
};

/** No telemetry, no update, no gallery, no other assistant, nothing that moves by itself. */
const QUIET = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'update.showReleaseNotes': false,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'security.workspace.trust.enabled': false,
  'chat.disableAIFeatures': true,
  'npm.fetchOnlinePackageInfo': false,
  'typescript.disableAutomaticTypeAcquisition': true,
  'json.schemaDownload.enable': false,
  'window.autoDetectHighContrast': false,
  'window.autoDetectColorScheme': false,
};

/** Makes what a test types the only thing that changes a document, and the picture the same every time. */
const STEADY = {
  // No place is drawn to be without memory.
  'attune.learning.controlShare': 0,
  'git.enabled': false,
  'editor.minimap.enabled': false,
  'editor.cursorBlinking': 'solid',
  'editor.autoClosingBrackets': 'never',
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.suggestOnTriggerCharacters': false,
  'files.autoSave': 'off',
  'window.menuBarVisibility': 'compact',
};

/** A new temporary folder that is removed by `remove`, also when this process ends without calling it. */
export function temporaryFolder(prefix) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), prefix));
  const remove = () => {
    process.removeListener('exit', remove);
    if (process.env.ATTUNE_TEST_KEEP) return console.log(`kept ${folder}`);
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  process.once('exit', remove);
  return { folder, remove };
}

/** Ctrl+C and kill end this process through `process.exit`, so that whatever it started and made is cleaned up. */
export function exitOnSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));
}

/**
 * The profile in these two folders (created when missing). `user` and `extensions` are laid out as desktop VS Code does;
 * the rest is what a served VS Code needs besides. Names are short: Unix sockets lie in `temp`.
 */
export function openProfile({ user, extensions }) {
  const side = path.join(user, 'h');
  const profile = {
    user,
    extensions,
    home: path.join(side, 'home'),
    temp: path.join(side, 't'),
    browser: path.join(side, 'chrome'),
    config: path.join(side, 'config.yaml'),
    log: path.join(side, 'server.log'),
    portFile: path.join(side, 'port'),
  };
  for (const folder of [path.join(user, 'User'), extensions, profile.home, profile.temp])
    fs.mkdirSync(folder, { recursive: true });
  if (!fs.existsSync(profile.config)) fs.writeFileSync(profile.config, '');
  return profile;
}

/** Every folder opens in Restricted Mode, and nobody is asked about it. */
const RESTRICTED = {
  'security.workspace.trust.enabled': true,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.untrustedFiles': 'open',
};

/** Writes the user settings. `steady: false` keeps the editor as a person has it; `trusted: false` trusts no workspace. */
export function writeSettings(profile, { theme = 'dark', steady = true, trusted = true, extra = {} } = {}) {
  const settings = { ...QUIET, ...(steady ? STEADY : {}), 'workbench.colorTheme': THEMES[theme], ...extra };
  if (!trusted) Object.assign(settings, RESTRICTED);
  fs.writeFileSync(path.join(profile.user, 'User/settings.json'), JSON.stringify(settings, null, 2));
}

/**
 * Makes VS Code load the extension in `folder` from where it lies, as if it were installed: no development mode, so
 * dialogs and notifications appear as they do for a user. Must come before the server starts.
 */
export function linkExtension(profile, folder) {
  const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const id = `${manifest.publisher}.${manifest.name}`;
  const file = path.join(profile.extensions, 'extensions.json');
  const installed = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : [];
  const entry = { identifier: { id }, version: manifest.version, location: { $mid: 1, path: folder, scheme: 'file' } };
  const others = installed.filter((other) => other.identifier.id.toLowerCase() !== id.toLowerCase());
  fs.writeFileSync(file, JSON.stringify([...others, entry]));
  return id;
}
