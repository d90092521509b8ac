/** The published types and those of the source say the same; `tsc` reads it. */
import type { Current as Source } from '../src/state.js';
import type { Current, Signals } from '../visitor-choices';

/** Whether two types are one. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Without what only the published ones say: that nothing is to be written. */
type Plain<T> = { -readonly [Key in keyof T]: T[Key] extends Readonly<Record<string, boolean>> ? Record<string, boolean> : T[Key] };

const members: Same<keyof Current, keyof Source> = true;
const current: Same<Omit<Plain<Current>, 'signals'>, Omit<Plain<Source>, 'signals'>> = true;
const signals: Signals extends Source['signals'] ? true : false = true;

export default { members, current, signals };
