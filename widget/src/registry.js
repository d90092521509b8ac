/**
 * What the server wrote into this file (`types.js`, Config).
 */
export const config = __CONFIG__;

export const {
  site: key,
  policy,
  epoch,
  notice: defaultNotice,
  first: defaultFirst,
  categories,
  providers,
  sale,
  dnt: dntRule,
  gpc: gpcRule,
  page: pageRule,
  days,
  changes,
  domains,
} = config;
