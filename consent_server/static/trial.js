// The browser may have kept the script that is not to be shown now: it lets go of it by asking anew.
const { script } = document.currentScript.dataset;
fetch(script, { cache: 'reload' });
