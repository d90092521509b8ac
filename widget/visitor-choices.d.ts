/**
 * Types of `visitorChoices`, for pages that embed the banner and are written in TypeScript or checked by it.
 *
 * Copy this file into your project, where your `tsconfig.json` includes it; nothing has to be imported. The types can be
 * named by `import type { VisitorChoices } from './visitor-choices'`.
 */

/** What is in force on this page. Frozen: ask again, or listen to `change`. */
export interface Current {
  /** `none`: undecided. `rejected`: nothing optional is allowed. `some`: not everything is. */
  readonly answer: 'none' | 'all' | 'rejected' | 'some';
  /** Each optional category by its key; false while undecided. */
  readonly categories: Readonly<Record<string, boolean>>;
  /** Each provider of an optional category by its key; false while undecided. */
  readonly providers: Readonly<Record<string, boolean>>;
  /** Number of the policy version the visitor decided under; of the present one while undecided. */
  readonly policy: number;
  /** The day of the decision, `2026-11-22`; null while undecided, empty where the browser does not keep it. */
  readonly decidedAt: string | null;
  /** What the browser says at this moment. */
  readonly signals: Signals;
  /** `waiting`: the consent host has yet to be told. `never`: undecided, or turned away for good. */
  readonly recorded: 'server' | 'waiting' | 'never';
}

export interface Signals {
  /** Do Not Track; null where the browser says nothing. */
  readonly dnt: '0' | '1' | null;
  /** Global Privacy Control. */
  readonly gpc: boolean;
}

/** What events tell. The two are the same where nothing changed. */
export interface Change {
  readonly before: Current;
  readonly after: Current;
}

/** `ready` reaches those who come late, and then there is no before. */
export interface Ready {
  readonly before?: Current;
  readonly after: Current;
}

/** Events on `document` are named `visitorchoices:` and one of these. Each comes after the fact. */
export interface VisitorChoicesEvents {
  /** The stored choice has been read. */
  ready: Ready;
  /** The banner or the dialog is shown. */
  open: Change;
  /** The banner and the dialog are gone. */
  close: Change;
  /** Something else is in force now, decided here or in another tab. */
  change: Change;
  /** The consent host has the decision. */
  recorded: Change;
  /** The consent host could not take the decision, or turned it away; see `current.recorded`. */
  unrecorded: Change;
}

/** Something to be done once the script is there. */
export type Command = (choices: VisitorChoices) => void;

export interface VisitorChoices {
  /** What was in force when the script ran. It always settles. */
  readonly ready: Promise<Current>;

  /** What is in force now. */
  readonly current: Current;

  /** Whether a category or a provider is allowed; false for a name that the site does not have, said once in the console. */
  allows(name: string): boolean;

  /**
   * Calls back once, as soon as a category or a provider is allowed.
   * @returns a function that cancels it
   */
  whenAllowed(name: string, then: () => void): () => void;

  /**
   * Allows everything. Only in answer to a visitor's own action: a call without one is recorded as suspected automation
   * and changes nothing.
   * @returns what is in force then
   */
  acceptAll(): Promise<Current>;

  /** Refuses everything optional. @returns what is in force then */
  rejectAll(): Promise<Current>;

  /**
   * Switches categories and providers; what is not named stays as it is, and a category takes its providers along. What
   * allows something needs a visitor's own action, as in `acceptAll`.
   * @returns what is in force then; it rejects where the rest of the script cannot be had
   */
  choose(wish: Readonly<Record<string, boolean>>): Promise<Current>;

  /** Opens the dialog. */
  open(): void;

  /** Closes the banner and the dialog. Nothing is decided by that. */
  close(): void;

  /**
   * Listens to an event.
   * @returns a function that stops it; `ready` comes once and cannot be stopped
   */
  on<Name extends keyof VisitorChoicesEvents>(name: Name, listener: (detail: VisitorChoicesEvents[Name]) => void): () => void;

  /** Does something at the next turn; the counterpart of the queue that pages make before the script has loaded. */
  push(command: Command): void;
}

declare global {
  /** There once the script has run; before that, use the queue on `window`. */
  const visitorChoices: VisitorChoices;

  interface Window {
    /**
     * Commands from before the script has loaded, then the script itself:
     * `(window.visitorChoices = window.visitorChoices || []).push((choices) => …)`
     */
    visitorChoices?: VisitorChoices | Command[];
  }

  interface DocumentEventMap {
    'visitorchoices:ready': CustomEvent<Change>;
    'visitorchoices:open': CustomEvent<Change>;
    'visitorchoices:close': CustomEvent<Change>;
    'visitorchoices:change': CustomEvent<Change>;
    'visitorchoices:recorded': CustomEvent<Change>;
    'visitorchoices:unrecorded': CustomEvent<Change>;
  }

  interface HTMLElementTagNameMap {
    /** The banner and the dialog. */
    'visitor-choices': HTMLElement;
    /** The live list of providers. */
    'visitor-providers': HTMLElement;
  }
}
