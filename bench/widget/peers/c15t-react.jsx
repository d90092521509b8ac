// The banner and dialog of @c15t/react beside the page, which is not React's.
import '@c15t/react/styles.css';
import { ConsentBanner, ConsentDialog, ConsentManagerProvider } from '@c15t/react';
import { createRoot } from 'react-dom/client';
import { options } from './c15t.js';

createRoot(document.body.appendChild(document.createElement('div'))).render(
  <ConsentManagerProvider options={options}>
    <ConsentBanner />
    <ConsentDialog />
  </ConsentManagerProvider>,
);
