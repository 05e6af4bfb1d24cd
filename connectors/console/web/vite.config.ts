import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The server puts a number of its own, new for each answer, where this stands: styles that are made while the page runs carry it.
const NONCE = "__NONCE__";

export default defineConfig({
  plugins: [react()],
  html: { cspNonce: NONCE },
  build: {
    outDir: "../static",
    emptyOutDir: true,
    // What each page loads: a test weighs it.
    manifest: "manifest.json",
    // Inlined files would be data: addresses, which the policy of the page refuses.
    assetsInlineLimit: 0,
    // Charts are one piece of this size, loaded by the pages that draw.
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/api": process.env.PENSTOCK_CONSOLE ?? "http://127.0.0.1:8080" } },
});
