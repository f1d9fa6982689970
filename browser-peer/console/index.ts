/**
 * The console: a web application for a twin, drawn by Preact. It knows a twin only through `ConsoleTwin`, so the light peer, or
 * twins in memory for screenshots, stand behind it alike.
 *
 * ```ts
 * startConsole({ root: document.body, entrance: lightEntrance(), link: takeLink() })
 * ```
 * @packageDocumentation
 */
export { startConsole } from './start-console.tsx'
export { takeLink } from './take-link.ts'
export { toLiveText } from './to-live-text.ts'
export type { ConsoleTwin, Entrance } from './twin.ts'
