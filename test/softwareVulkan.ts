/** A Vulkan without a graphics card, for tests of the WebGPU provider: SwiftShader, as Chromium and every Electron carry it. */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

export type SoftwareVulkan =
  | { readonly ok: true; readonly env: { readonly [name: string]: string } }
  | { readonly ok: false; readonly reason: string };

const manifest = 'vk_swiftshader_icd.json';
const loader = 'libvulkan.so.1';
const systemFolders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'];

/** Folders of Chromium and its relatives on Linux, and those that Playwright keeps. */
function browserFolders(): readonly string[] {
  const kept = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), '.cache/ms-playwright');
  const playwright = existsSync(kept)
    ? readdirSync(kept).flatMap((name) => [join(kept, name, 'chrome-linux'), join(kept, name, 'chrome-linux64')])
    : [];
  const chosen = process.env.CHROME_PATH ? [dirname(process.env.CHROME_PATH)] : [];
  const usual = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome', '/usr/share/code'];
  return [...chosen, ...usual, ...playwright];
}

/**
 * The environment for the runtime's process (`startRuntime({ env })`), or why there is none. ONNX Runtime loads
 * `libvulkan.so.1`, the Vulkan loader, by name; the loader finds the driver by `VK_ICD_FILENAMES`.
 */
export function softwareVulkan(): SoftwareVulkan {
  if (process.platform !== 'linux') return { ok: false, reason: 'SwiftShader is looked for on Linux only' };
  const folder = browserFolders().find((candidate) => existsSync(join(candidate, manifest)));
  if (!folder) return { ok: false, reason: 'no SwiftShader here: install Chromium, or set CHROME_PATH to one' };
  const driver = { VK_ICD_FILENAMES: join(folder, manifest), VK_DRIVER_FILES: join(folder, manifest) };
  if (existsSync(join(folder, loader))) {
    const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
    return { ok: true, env: { ...driver, LD_LIBRARY_PATH: libraries } };
  }
  if (systemFolders.some((system) => existsSync(join(system, loader)))) return { ok: true, env: driver };
  return { ok: false, reason: `no Vulkan loader (${loader}) here: install libvulkan1` };
}
