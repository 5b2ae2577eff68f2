import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** While one works on the page: `npx vite dashboard` beside a tracker on its usual port. */
const tracker = process.env.ASPARA_TRACKER ?? 'http://127.0.0.1:3142'

export default defineConfig({
  plugins: [react(), tailwindcss()],
  // The tracker replaces it in every answer (tracker/routes/pages.ts).
  html: { cspNonce: 'CSP_NONCE' },
  build: {
    target: 'es2023',
    sourcemap: true,
    // No data: addresses: the policy allows fonts and scripts from the tracker alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  server: { proxy: { '/tracker': tracker } },
})
