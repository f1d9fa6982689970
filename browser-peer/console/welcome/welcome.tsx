import type { ComponentChildren } from 'preact'
import { Copyable } from '../parts/copyable.tsx'
import { Logo } from '../parts/logo.tsx'
import { Notice } from '../parts/notice.tsx'

export function Door({ children }: { children: ComponentChildren }) {
  return (
    <main class="door">
      <div class="door-card">
        <p class="door-brand">
          <Logo size={40} />
          Twinmesh
        </p>
        {children}
      </div>
    </main>
  )
}

/** A browser that nobody connected yet, and no link to do it with. */
export function Welcome({ isLost }: { isLost: boolean }) {
  return (
    <Door>
      <h1>Connect this browser with your twin</h1>
      {isLost && (
        <Notice kind="warn">
          <strong>What this browser kept is gone</strong>
          <p>It was removed, by the browser or by somebody. Your twin has everything: connect this browser again.</p>
        </Notice>
      )}
      <p>
        Your twin shows a link or a QR code that lets one browser in: open it here. A device of yours makes it under
        Devices, and so does the machine of your twin, in the folder where you ran <code>npm start</code>:
      </p>
      <Copyable text="node dist/bin/twin.js pair" what="the command" />
      {!isLost && (
        <p class="hint">
          Were you connected here before? Then your browser removed what it kept. Your twin has everything: connect it
          again.
        </p>
      )}
      <p class="hint">
        No twin yet? On a machine that stays on, in a clone of Twinmesh: <code>npm start</code>. It shows the first link
        by itself.
      </p>
    </Door>
  )
}

/** From another machine over plain http browsers give a page neither keys nor storage that could hold them. */
export function Insecure() {
  return (
    <Door>
      <h1>This page is not safe from here</h1>
      <Notice kind="warn">
        It came over plain http from another machine. Whoever is on the network in between could have changed it, so
        browsers give it no cryptography, and nothing of yours is shown.
      </Notice>
      <p>There are two ways to use your twin from this machine:</p>
      <ol class="steps">
        <li>
          <div>
            <strong>Over https, from any host for static files</strong>
            <Copyable text="twin start --console-url https://console.example.org/" what="the command" />
            <p class="dim">What to upload and how is in docs/console-hosting.md: it is one command.</p>
          </div>
        </li>
        <li>
          <div>
            <strong>Through a tunnel of your own</strong>
            <Copyable
              text={`ssh -L ${location.port}:127.0.0.1:${location.port} ${location.hostname}`}
              what="the command"
            />
            <p class="dim">{`Then open http://127.0.0.1:${location.port} here.`}</p>
          </div>
        </li>
      </ol>
    </Door>
  )
}

export function Failed({ error, onAgain }: { error: Error; onAgain: () => void }) {
  return (
    <Door>
      <h1>That did not work</h1>
      <Notice kind="bad">{error.message}</Notice>
      <button type="button" class="button" data-kind="main" onClick={onAgain}>
        Try again
      </button>
    </Door>
  )
}
