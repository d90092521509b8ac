/** Where the server writes the configuration. */
declare const __CONFIG__: import('./types.js').Config;

declare module '*.css' {
  const text: string;
  export default text;
}

interface Window {
  visitorChoices?: any;
  doNotTrack?: string | null;
  trustedTypes?: {
    createPolicy(
      name: string,
      rules: { createScript(text: string): string; createScriptURL(url: string): string },
    ): { createScript(text: string): string; createScriptURL(url: string): string };
  };
}

interface Navigator {
  globalPrivacyControl?: boolean;
  msDoNotTrack?: string | null;
}
