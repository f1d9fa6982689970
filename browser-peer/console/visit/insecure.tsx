import { Copyable } from '../parts/copyable.tsx'
import { Notice } from '../parts/notice.tsx'
import { Door } from '../welcome/welcome.tsx'

/** From another machine over plain http, without a link that lets such a page look. */
export function Insecure({ problem }: { problem?: string }) {
  return (
    <Door>
      <h1>This page is not safe from here</h1>
      {problem !== undefined && <Notice kind="bad">{problem}</Notice>}
      <Notice kind="warn">
        It came over plain http from another machine. Whoever is on the network in between could have changed it, so
        browsers give it no cryptography, and it never becomes a device that stays.
      </Notice>
      <p>To look at your twin from here for an hour, and write nothing, make a link on its machine:</p>
      <Copyable text="twin pair --level view" what="the command" />
      <p>There are two ways to everything else:</p>
      <Ways />
    </Door>
  )
}

/** To a console in full */
export function Ways() {
  return (
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
  )
}
