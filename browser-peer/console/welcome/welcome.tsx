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
