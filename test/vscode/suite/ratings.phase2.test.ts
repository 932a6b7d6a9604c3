import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import * as vscode from 'vscode';
import { commands } from '../../../src/protocol/ids.ts';
import { attune, episodes } from './attune.ts';
import { attributeInPanel, countInPanel, waitFor } from './ui.ts';

suite('after the window was reloaded', () => {
  test('ratings, reasons and what was forbidden are still there, in the store and in the panel', async () => {
    await attune();
    const cards = await episodes();
    const of = (file: string) => cards.find((card) => card.episode.file === file);
    const customer = of('src/loadCustomer.ts');
    assert.equal(customer?.rating?.thumb, 'up');
    assert.equal(customer?.rating?.score, 9);
    assert.equal(customer?.forbidden, true);
    const product = of('src/loadProduct.ts');
    assert.equal(product?.rating?.thumb, 'down');
    assert.deepEqual(product?.rating?.reasons, ['wrongStyle']);
    assert.equal(product?.rating?.correction, '  const BAD = repository.findOrNull(id);');
    assert.equal(of('src/loadInvoice.ts'), undefined, 'what was deleted stays deleted');

    // Revealing a card also ends a search that the panel took over from before.
    await vscode.commands.executeCommand(commands.openRatings, customer.episode.id);
    const card = 'article.card[aria-label^="loadCustomer.ts"]';
    await waitFor(() => countInPanel(`${card}.selected`), 'the card to be selected');
    assert.equal(await attributeInPanel(`${card} .form .toggle.up`, 'aria-pressed'), 'true');
  });
});
