/** Plays a session in the editor: a model that answers what is prescribed, real keys, and an ear for what is told. */
import * as vscode from 'vscode';
import type { AttuneApi } from '../../../../src/client/api.ts';
import { commands } from '../../../../src/protocol/ids.ts';
import type { FakeRequest, FakeServer } from '../../../fakes/fakeServer.ts';
import { closeEditors, createFile, ghostText, select, type, waitFor } from '../ui.ts';
import { forgetProviders } from './providers.ts';
import { agrees, type Row, type Session, toldAs } from './session.ts';

type Told = Parameters<typeof toldAs>[0];
/** Temperatures in the order in which the engine asks for alternatives. */
const temperatures = [0, 0.4, 0.6];
/** How long an event may take on a busy machine. */
const patienceMs = 8_000;
/** Longer than the ten seconds after which nothing is expected any more. */
const timeOutMs = 15_000;

interface Episode {
  readonly id: string;
  readonly events: Told[];
}

/** UUIDv7 begins with the time it was made at, in milliseconds. */
const madeAt = (id: string): number => Number.parseInt(id.replace('-', '').slice(0, 12), 16);

/** Hears all events and gives each episode to the session during which it was first heard of. */
export class Ear {
  readonly #episodes = new Map<string, Episode>();
  #current: Episode[] = [];
  readonly #waiting = new Set<{ type: Told['type']; resolve: (event: Told) => void }>();
  readonly #subscription: vscode.Disposable;
  readonly #startedAt = Date.now();

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

  /** The next event of this type, the moment it is told. */
  next(type: Told['type']): Promise<Told> {
    return new Promise((resolve) => this.#waiting.add({ type, resolve }));
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  #hear(event: Told): void {
    let episode = this.#episodes.get(event.episodeId);
    if (!episode) {
      // Of the suites before, something may still be followed.
      if (madeAt(event.episodeId) < this.#startedAt) return;
      episode = { id: event.episodeId, events: [] };
      this.#episodes.set(episode.id, episode);
      this.#current.push(episode);
    }
    episode.events.push(event);
    for (const waiter of [...this.#waiting]) {
      if (waiter.type !== event.type) continue;
      this.#waiting.delete(waiter);
      waiter.resolve(event);
    }
  }
}

/** One session while it is played. */
export class Stage {
  readonly session: Session;
  readonly server: FakeServer;
  readonly #api: AttuneApi;
  readonly #ear: Ear;
  readonly #episodes: readonly Episode[];
  readonly #candidates = new Map<string, number>();
  readonly #answers: (readonly string[])[] = [];
  #editor: vscode.TextEditor | null = null;
  #home: vscode.Position | null = null;
  #tooSlow = false;
  /** What the session's settings were before it. */
  #settings: Readonly<Record<string, unknown>> = {};
  #problem: string | null = null;

  constructor(session: Session, { api, ear, server }: { api: AttuneApi; ear: Ear; server: FakeServer }) {
    this.session = session;
    this.server = server;
    this.#api = api;
    this.#ear = ear;
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

  /** The machine took longer than the session allows: what was done is not what is scripted. */
  get tooSlow(): boolean {
    return this.#tooSlow;
  }

  /** From now on the model answers so; without arguments it has nothing to say. */
  answer(...answers: readonly string[]): void {
    this.#answers.push(answers);
    this.server.script = (request: FakeRequest) => {
      const nth = temperatures.indexOf(Number(request.body?.temperature));
      return { kind: 'text', deltas: [answers[nth] ?? ''] };
    };
  }

  /** The session's document has the keyboard, and its cursor is where it began. */
  async goHome(): Promise<void> {
    const home = this.#home;
    if (!home) throw new Error('The session has no document yet.');
    this.#editor = await vscode.window.showTextDocument(this.document, { preview: false });
    await select(this.editor, new vscode.Selection(home, home));
  }

  /** Waits until the ghost text is `drawn`. */
  async sees(drawn: string): Promise<void> {
    let seen = '';
    const same = async (): Promise<boolean> => {
      seen = await ghostText();
      return seen === drawn;
    };
    await waitFor(same, 'the ghost text', patienceMs).catch(() => {
      throw new Error(`the ghost text is ${JSON.stringify(seen)}, not ${JSON.stringify(drawn)}`);
    });
  }

  /** Waits until an episode, the newest or the `nth` of the session, has been told to be `what`: one event, or all of them. */
  async told(what: string, nth = -1): Promise<void> {
    // Which candidate it was is known when the session is over.
    const now = (): string => (this.inferred.at(nth) ?? '').replaceAll(/#\d+/g, '');
    const is = (): boolean => (what.includes(' ') ? now() === what : now().split(' ').includes(what));
    await waitFor(is, what, timeOutMs).catch(() => {
      throw new Error(`${what} was not told`);
    });
  }

  /** Plays all steps. What can't be done is noted for the table. */
  async play(file: string): Promise<void> {
    const { start, before = [], does, leaves } = this.session;
    try {
      await vscode.commands.executeCommand(commands.resetMemory, { confirmed: true });
      this.#settings = await configureEditor(this.session.settings ?? {});
      this.answer();
      await this.#open(file, start);
      for (const step of before) await step.act(this);
      await this.#comes();
      for (const step of this.session.within ? does.slice(1) : does) await step.act(this);
      const missing = `the text ${JSON.stringify(leaves)}`;
      if (leaves !== undefined) await waitFor(() => this.text.includes(leaves), missing, patienceMs);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#problem = `${reason}; the document is ${JSON.stringify(this.#editor?.document.getText() ?? '')}`;
    }
    await this.#learnCandidates();
  }

  /** Waits for what is still to be told. What is told only because the document is closed after that comes too late. */
  async finish(): Promise<void> {
    if (this.#problem !== null) return;
    await waitFor(() => agrees(this.row), 'it to agree', this.session.keeps ? timeOutMs : patienceMs).catch(() => {
      this.#problem = 'other than expected';
    });
  }

  /** Settings and providers are the next session's; the document stays open. */
  async leave(): Promise<void> {
    forgetProviders();
    await configureEditor(this.#settings);
  }

  /** Puts everything back for the next session. */
  async clear(): Promise<void> {
    await this.leave();
    // Whatever part of the window has the keyboard.
    await vscode.commands.executeCommand('workbench.action.closePanel');
    await vscode.commands.executeCommand('workbench.action.focusActiveEditorGroup');
    await closeEditors();
  }

  get row(): Row {
    const { name, before = [], does, expected } = this.session;
    const done = [...before, ...does].flatMap(({ says }) => (says === '' ? [] : [says])).join(', ');
    return { name, done, expected, inferred: this.inferred, problem: this.#problem };
  }

  /** The suggestion appears. */
  async #comes(): Promise<void> {
    const { answers, comes = 'asked', after = 'read', drawn, within } = this.session;
    if (comes === 'none') return;
    this.answer(...answers);
    const shown = within && this.#ear.next(within.of);
    if (comes === 'asked') await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
    else await type(comes.typed);
    if (within && shown) {
      const { at } = await shown;
      this.answer();
      const [first] = this.session.does;
      await first?.act(this);
      this.#tooSlow = Date.now() - at > within.ms;
      return;
    }
    await this.sees(drawn ?? answers[0] ?? '');
    this.answer();
    if (after !== 'drawn') await this.told(after);
  }

  async #open(file: string, start: string): Promise<void> {
    const at = start.indexOf('▮');
    if (at < 0) throw new Error('The start has no cursor.');
    const editor = await createFile(file, start.replace('▮', ''));
    this.#editor = editor;
    this.#home = editor.document.positionAt(at);
    await this.goHome();
  }

  /** Which answer of the model each candidate is. */
  async #learnCandidates(): Promise<void> {
    const { cards } = await this.#api.engine.ask('listEpisodes', { query: '', filter: 'all', limit: 20 });
    for (const { episode } of cards) {
      for (const { id, text } of episode.candidates) {
        for (const answers of this.#answers) {
          const nth = answers.findIndex((answer) => answer !== '' && text.includes(answer.trimEnd()));
          if (nth >= 0) this.#candidates.set(id, nth);
        }
      }
    }
  }
}

/** Changes settings of VS Code by their whole names, and tells what they were; undefined: not set. */
async function configureEditor(values: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
  const before: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(values)) {
    const configuration = vscode.workspace.getConfiguration();
    before[key] = configuration.inspect(key)?.globalValue;
    await configuration.update(key, value, vscode.ConfigurationTarget.Global);
  }
  return before;
}
