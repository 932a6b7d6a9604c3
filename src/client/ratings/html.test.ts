import assert from 'node:assert/strict';
import { test } from 'node:test';
import { panelHtml } from './html.ts';

const page = {
  cspSource: 'https://*.vscode-cdn.net',
  nonce: 'abc123',
  scriptUri: 'https://file+.vscode-resource.vscode-cdn.net/dist/webview/ratings.js',
  styleUri: 'https://file+.vscode-resource.vscode-cdn.net/dist/webview/ratings.css',
  language: 'de',
  title: 'Bewertungen',
  strings: { save: 'Speichern' },
};

const policyOf = (html: string): Map<string, string> => {
  const content = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
  return new Map(
    content.split('; ').map((directive) => {
      const [name = '', ...sources] = directive.split(' ');
      return [name, sources.join(' ')];
    }),
  );
};

test('the policy lets in one script by nonce, own styles and own fonts, and nothing else', () => {
  assert.deepEqual(Object.fromEntries(policyOf(panelHtml(page))), {
    'default-src': "'none'",
    'script-src': "'nonce-abc123'",
    'style-src': 'https://*.vscode-cdn.net',
    'font-src': 'https://*.vscode-cdn.net',
    'base-uri': "'none'",
    'form-action': "'none'",
  });
});

test('nothing in the page needs what the policy refuses', () => {
  const html = panelHtml(page);
  assert.doesNotMatch(html, /\sstyle=|<style|\son\w+=|unsafe-/);
  assert.equal([...html.matchAll(/<script type="module"/g)].length, 1);
  assert.match(html, /<script type="module" nonce="abc123" src="[^"]*ratings\.js">/);
});

test('a translated string cannot end its script element or break out of an attribute', () => {
  const strings = { save: '</script><script>alert(1)</script>', why: '<!--' };
  const html = panelHtml({ ...page, strings, title: '"><b>', language: 'de" x="' });
  assert.equal([...html.matchAll(/<script/g)].length, 2);
  assert.doesNotMatch(html, /<b>|<!--|lang="de" x="/);
  const json = /id="strings">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
  assert.deepEqual(JSON.parse(json), strings);
});
