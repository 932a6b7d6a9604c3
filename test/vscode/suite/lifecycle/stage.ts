/** Plays a session in the editor: a model that answers what is prescribed, real keys, and an ear for what is told. */
import * as vscode from 'vscode';
import type { AttuneApi } from '../../../../src/client/api.ts';
import { commands } from '../../../../src/protocol/ids.ts';
import type { FakeRequest, FakeServer } from '../../../fakes/fakeServer.ts';
import { closeEditors, createFile, ghostText, select, type, waitFor } from '../ui.ts';
import { agrees, type Row, type Session, toldAs } from './session.ts';

type Told = Parameters<typeof toldAs>[0];
/** Temperatures in the order in which the engine asks for alternatives. */
const temperatures = [0, 0.5, 0.8];
/** How long an event may take on a busy machine. */
const patienceMs = 8_000;

interface Episode {
  readonly id: string;
  readonly events: Told[];
}

/** Hears all events and gives each episode to the session during which it was first heard of. */
export class Ear {
  readonly #episodes = new Map<string, Episode>();
  #current: Episode[] = [];
  readonly #subscription: vscode.Disposable;

  constructor(api: AttuneApi) {
    this.#subscription = api.onEvents((events) => {
      for (const event of events) this.#hear(event);
    });
  }

  /** The episodes of the session that begins now; grows as they are heard of. */
  begin(): readonly Episode[] {
    this.#current = [];
    return this.#current;
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  #hear(event: Told): void {
    let episode = this.#episodes.get(event.episodeId);
    if (!episode) {
      episode = { id: event.episodeId, events: [] };
      this.#episodes.set(episode.id, episode);
      this.#current.push(episode);
    }
    episode.events.push(event);
  }
}

/** One session while it is played. */
export class Stage {
  readonly session: Session;
  readonly server: FakeServer;
  readonly #api: AttuneApi;
  readonly #episodes: readonly Episode[];
  readonly #candidates = new Map<string, number>();
  readonly #answers: (readonly string[])[] = [];
  #editor: vscode.TextEditor | null = null;
  #problem: string | null = null;

  constructor(session: Session, { api, ear, server }: { api: AttuneApi; ear: Ear; server: FakeServer }) {
    this.session = session;
    this.server = server;
    this.#api = api;
    this.#episodes = ear.begin();
  }

  /** The editor the session began in. */
  get editor(): vscode.TextEditor {
    if (!this.#editor) throw new Error('The session has no editor yet.');
    return this.#editor;
  }

  get document(): vscode.TextDocument {
    return this.editor.document;
  }

  /** Text of the document, line ends as `\n`. */
  get text(): string {
    return this.document.getText().replaceAll('\r\n', '\n');
  }

  /** What was told so far, one string an episode. */
  get inferred(): readonly string[] {
    return this.#episodes.map(({ events }) =>
      events.map((event) => toldAs(event, (id) => this.#candidates.get(id) ?? -1)).join(' '),
    );
  }

  /** The latest event told, of whatever episode; when it was told. */
  lastTold(type: Told['type']): number | null {
    const all = this.#episodes.flatMap(({ events }) => events.filter((event) => event.type === type));
    return all.at(-1)?.at ?? null;
  }

  /** From now on the model answers so; without arguments it has nothing to say. */
  answer(...answers: readonly string[]): void {
    this.#answers.push(answers);
    this.server.script = (request: FakeRequest) => {
      const nth = temperatures.indexOf(Number(request.body?.temperature));
      return { kind: 'text', deltas: [answers[nth] ?? ''] };
    };
  }

  /** Waits until the ghost text is `drawn`. */
  async sees(drawn: string): Promise<void> {
    await waitFor(async () => (await ghostText()) === drawn, `the ghost text ${JSON.stringify(drawn)}`, patienceMs);
  }

  /** Waits until the newest episode has been told to be `what`. */
  async told(what: string): Promise<void> {
    await waitFor(
      () => this.inferred.at(-1)?.split(' ').includes(what),
      `${what}; told so far: ${this.inferred.join(' | ')}`,
      patienceMs,
    );
  }

  /** Plays all steps. What can't be done is noted for the table. */
  async play(file: string): Promise<void> {
    const { start, before = [], does, answers, comes = 'asked', after = 'read', leaves } = this.session;
    try {
      await vscode.commands.executeCommand(commands.resetMemory, { confirmed: true });
      await configureEditor(this.session.settings ?? {});
      this.answer();
      await this.#open(file, start);
      for (const step of before) await step.act(this);
      if (comes !== 'none') {
        this.answer(...answers);
        if (comes === 'asked') await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
        else await type(comes.typed);
        await this.sees(this.session.drawn ?? answers[0] ?? '');
        this.answer();
        if (after !== 'drawn') await this.told(after);
      }
      for (const step of does) await step.act(this);
      if (leaves !== undefined)
        await waitFor(() => this.text.includes(leaves), `the text ${JSON.stringify(leaves)}`, patienceMs);
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
    }
    await this.#learnCandidates();
  }

  /** Waits for what is still to be told. The document may be gone by then. */
  async finish(): Promise<void> {
    if (this.#problem === null) await waitFor(() => agrees(this.row), 'it to agree', patienceMs).catch(() => {});
  }

  /** Puts everything back for the next session. */
  async clear(): Promise<void> {
    await closeEditors();
    await configureEditor(Object.fromEntries(Object.keys(this.session.settings ?? {}).map((key) => [key, undefined])));
  }

  get row(): Row {
    const { name, before = [], does, expected } = this.session;
    const done = [...before, ...does].flatMap(({ says }) => (says === '' ? [] : [says])).join(', ');
    return { name, done, expected, inferred: this.inferred, problem: this.#problem };
  }

  async #open(file: string, start: string): Promise<void> {
    const at = start.indexOf('▮');
    if (at < 0) throw new Error('The start has no cursor.');
    const editor = await createFile(file, start.replace('▮', ''));
    this.#editor = editor;
    const cursor = editor.document.positionAt(at);
    await select(editor, new vscode.Selection(cursor, cursor));
  }

  /** Which answer of the model each candidate is. */
  async #learnCandidates(): Promise<void> {
    const { cards } = await this.#api.engine.ask('listEpisodes', { query: '', filter: 'all', limit: 20 });
    const answers = this.#answers.flat();
    for (const { episode } of cards) {
      for (const { id, text } of episode.candidates) {
        const nth = answers.findIndex((answer) => answer !== '' && text.startsWith(answer.trimEnd()));
        if (nth >= 0) this.#candidates.set(id, nth);
      }
    }
  }
}

/** Settings of VS Code by their whole names; undefined puts the run's own back. */
async function configureEditor(values: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [key, value] of Object.entries(values)) {
    await vscode.workspace.getConfiguration().update(key, value, vscode.ConfigurationTarget.Global);
  }
}
