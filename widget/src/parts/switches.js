/**
 * How the dialog's switches hang together. Pure.
 * @typedef {import('../types.js').Config} Config
 * @typedef {Object<string, boolean>} Shown  what each switch says, by category or provider
 */

/**
 * What the switches say once one of them was moved: a category takes its providers along, and goes off with the last of
 * them. It never comes on with them: that would allow more than was said.
 * @param {Config} config
 * @param {Shown} shown  the moved switch as it is now
 * @param {string} moved
 * @returns {Shown}
 */
export function follow({ providers }, shown, moved) {
  const made = { ...shown };
  for (const [key, category] of providers) if (category === moved) made[key] = shown[moved];
  const category = providers.find(([key]) => key === moved)?.[1];
  if (category && !providers.some(([key, of]) => of === category && shown[key])) made[category] = false;
  return made;
}

/**
 * How many of a category's providers are on, where not all of them follow it: "1/3", else nothing.
 * @param {Config} config
 * @param {Shown} shown
 * @param {string} category
 */
export function mixed({ providers }, shown, category) {
  const all = providers.filter(([, of]) => of === category).map(([key]) => shown[key]);
  return all.every((on) => on === shown[category]) ? '' : `${all.filter(Boolean).length}/${all.length}`;
}
