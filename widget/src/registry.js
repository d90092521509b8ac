/**
 * What the server wrote into this file (`types.js`, Config).
 */
export const config = __CONFIG__;

export const {
  site: key,
  policy,
  categories,
  providers,
  days,
} = config;
