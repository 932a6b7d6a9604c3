// The pictures: each scene brings the window into a state worth looking at. Driven from outside, like a user.
import { commands } from '../../src/protocol/ids.ts';

const INSTRUCTION = 'Add a doc comment';
const EDITED = 'src/orders/validateOrder.ts';
const VALIDATOR = 'src/suppliers/validateSupplier.ts';
const GREETING = 'src/customers/greet.ts';

/** A new part of the shop that looks like three others, so that the workspace model knows how it goes on. By path. */
export const extraFiles = {
  'src/suppliers/supplierRepository.ts': `import type { Row } from '../shared/database.js';

export interface Supplier extends Row {
  readonly name: string;
  readonly city: string;
}
`,
  [VALIDATOR]: `import { failure, type Result, success } from '../shared/result.js';
import type { Supplier } from './supplierRepository.js';

export function validateSupplier(supplier: Supplier): Result<Supplier> {
`,
  [GREETING]: `export function greet(userName: string): string {
  const known = find(userName);
  if (known !== undefined) return known.greeting;
  return \`Hello, \${userName}!\`;
}
`,
};

/** In order; `run` leaves the window as it is to be photographed. */
export const scenes = [];
const scene = (name, run) => scenes.push({ name, run });

scene('ghost-text', async ({ page, openFile, press, palette }) => {
  await openFile(VALIDATOR);
  await press('Control+End');
  await page.keyboard.type("  if (supplier.name === '') {\n");
  const ghost = page.locator('.monaco-editor .ghost-text-decoration').first();
  // A window that has just opened may not listen to typing yet; then it is asked for.
  for (let attempt = 0; attempt < 20; attempt++) {
    const shown = await ghost.waitFor({ timeout: 1500 }).then(
      () => true,
      () => false,
    );
    if (shown) return;
    await palette('Trigger Inline Suggestion');
  }
  throw new Error('No ghost text was shown.');
});

scene('next-edit', async ({ page, openFile, press }) => {
  await openFile(GREETING);
  await press('Control+g');
  await page.locator('.quick-input-widget input').first().fill(':1:23');
  await press('Enter');
  await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  for (let character = 0; character < 'user'.length; character++) await press('Shift+ArrowRight');
  await page.keyboard.type('customer', { delay: 60 });
  await page.locator('.statusbar-item').getByText('Same change').waitFor({ timeout: 30_000 });
});

scene('propose-edit', async ({ page, openFile, press, selectLines, command, quickInput }) => {
  await openFile(EDITED);
  await selectLines(4, 12);
  await command(commands.proposeEdit);
  await quickInput('What should change').fill(INSTRUCTION);
  await press('Enter');
  // The thread stands in the file, with a diff of the first candidate, and all of them are there.
  await page
    .locator('.review-widget')
    .getByText(/Proposal 1 of/)
    .first()
    .waitFor({ timeout: 30_000 });
  await page.locator('.review-widget').getByText('Attune is writing').waitFor({ state: 'detached', timeout: 30_000 });
});

scene('panel', async ({ command, panel, press, clickEditor }) => {
  // What the scene before proposed is what there is to rate.
  await clickEditor();
  await press('Control+Enter');
  await command(commands.openRatings);
  await panel.getByText('validateOrder.ts').first().waitFor({ timeout: 30_000 });
});

scene('quick-menu', async ({ page, command }) => {
  await command(commands.showMenu);
  await page.locator('.quick-input-widget .monaco-list-row').first().waitFor();
});
