/**
 * The least code that still does the job: an element with a shadow root, three buttons, categories, gated scripts, a
 * cookie, a beacon. What others cost is measured from here.
 */
(() => {
  const NAME = 'floor_choices';
  const TEXT =
    'We use cookies to make this site work. If you agree, we also use optional cookies to play videos, to count visits and for marketing. You can change your choice at any time.';
  /** @type {Record<string, string>} */
  const CATEGORIES = {
    functional: 'Functional: plays videos embedded in our pages.',
    analytics: 'Analytics: counts visits so that we can improve our pages.',
    marketing: 'Marketing: shows ads that match your interests.',
  };
  const STYLE =
    ':host{position:fixed;inset:auto 0 0;z-index:2147483647;background:#fff;color:#1f2430;border-top:1px solid #8a93a3;padding:1rem 1.5rem;font:1rem/1.5 system-ui,sans-serif}h2,p{margin:0 0 .5rem;font-size:1rem}label{display:block}button{font:inherit;padding:.5rem 1.25rem;margin:0 .5rem 0 0;border:1px solid #1c4a7e;border-radius:4px;background:#1c4a7e;color:#fff}button:last-child{background:#fff;color:#1c4a7e}';
  const { src: own } = /** @type {HTMLScriptElement} */ (document.currentScript);
  const keys = Object.keys(CATEGORIES);

  /** @param {string[]} granted */
  function release(granted) {
    for (const held of document.querySelectorAll('script[type="text/plain"][data-category]')) {
      const { category, src } = /** @type {HTMLScriptElement} */ (held).dataset;
      if (!granted.includes(category || '')) continue;
      const script = document.createElement('script');
      for (const { name, value } of held.attributes) if (name !== 'type') script.setAttribute(name, value);
      script.async = false;
      if (src) script.src = src;
      else script.text = held.textContent || '';
      held.replaceWith(script);
    }
  }

  function show() {
    class FloorChoices extends HTMLElement {
      connectedCallback() {
        const root = this.attachShadow({ mode: 'open' });
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(STYLE);
        root.adoptedStyleSheets = [sheet];
        root.innerHTML = `<h2>Cookies on ala.org</h2><p>${TEXT}</p><p><a href="/ala/providers">Our service providers</a> <a href="/ala/policy">Privacy policy</a></p><button>Reject all</button><button>Accept all</button><button>Choose</button>`;
        const [reject, accept, choose] = root.querySelectorAll('button');
        reject.onclick = () => this.decide([]);
        accept.onclick = () => this.decide(keys);
        choose.onclick = () => {
          const boxes = keys.map((key) => {
            const label = document.createElement('label');
            const box = document.createElement('input');
            box.type = 'checkbox';
            box.value = key;
            label.append(box, CATEGORIES[key]);
            reject.before(label);
            return box;
          });
          choose.textContent = 'Save choices';
          choose.onclick = () => this.decide(boxes.filter((box) => box.checked).map((box) => box.value));
        };
      }

      /** @param {string[]} granted */
      decide(granted) {
        document.cookie = `${NAME}=${granted.join('.')}; Path=/; Max-Age=15552000; SameSite=Lax`;
        this.remove();
        requestAnimationFrame(() =>
          setTimeout(() => {
            release(granted);
            const decision = JSON.stringify({ granted, decided_at: new Date().toISOString() });
            navigator.sendBeacon(new URL('/decisions', own), decision);
          }),
        );
      }
    }

    customElements.define('floor-choices', FloorChoices);
    document.body.prepend(document.createElement('floor-choices'));
  }

  function begin() {
    const stored = document.cookie.match('(?:^|; )' + NAME + '=([^;]*)');
    if (stored) release(stored[1].split('.'));
    else show();
  }

  if (document.body) begin();
  else addEventListener('DOMContentLoaded', begin);
})();
