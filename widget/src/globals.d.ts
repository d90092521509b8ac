/** Where the server writes the configuration. */
declare const __CONFIG__: import('./types.js').Config;

/** Where it writes what a trial needs. */
declare const __TRIAL__: any;

/** The file name of a part, its hash included. */
declare module 'part:*' {
  const name: string;
  export default name;
}

declare module '*.css' {
  const text: string;
  export default text;
}

interface Window {
  visitorChoices?: any;
  dataLayer?: any;
  trustedTypes?: {
    createPolicy(
      name: string,
      rules: { createScript(text: string): string; createScriptURL(url: string): string },
    ): { createScript(text: string): string; createScriptURL(url: string): string };
  };
}

interface Navigator {
  globalPrivacyControl?: boolean;
}
