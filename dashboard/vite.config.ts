import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv } from 'vite'

/** While one works on the page: `npx vite dashboard` beside a tracker on its usual port, or at ASPARA_TRACKER_URI. */
const { ASPARA_TRACKER_URI: tracker = 'http://127.0.0.1:3142' } = loadEnv('development', import.meta.dirname, 'ASPARA_')

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
    rolldownOptions: {
      output: {
        // What every page needs of others' is one file: each icon in a file of its own would be twenty to ask for.
        codeSplitting: {
          groups: [
            {
              name: 'parts',
              test: /node_modules[\\/](react|react-dom|scheduler|@tanstack|uplot)[\\/]/,
            },
          ],
        },
      },
    },
  },
  worker: { format: 'es' },
  server: { proxy: { '/tracker': tracker } },
})
