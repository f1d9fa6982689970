import { useState } from 'preact/hooks'
import { type NodeCheck, type NodeStatus, nodeProtocol } from '../../../protocols/node/protocol.ts'
import { useClient, useIsAway, useOnReached } from '../hooks/twin-context.ts'
import { asError, useLoad } from '../hooks/use-load.ts'
import { Button } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { Notice, Waiting } from '../parts/notice.tsx'
import { byteSize, count, relative } from '../parts/words.ts'

const reach: Readonly<Record<NodeStatus['reachability'], string>> = {
  direct: 'Directly, from anywhere',
  relayed: 'Through a relay',
  local: 'On its machine and network only',
  unknown: 'Nobody out there has tried yet'
}

export function StatusPage() {
  const node = useClient(nodeProtocol)
  const { value, error, reload } = useLoad(signal => node.status({}, { signal }), [node])
  useOnReached(reload)
  return (
    <div class="page">
      <div class="page-body">
        <header class="page-title">
          <h1>How your twin is doing</h1>
        </header>
        {value === undefined ? (
          <Waiting error={error} what="the state of your twin" onAgain={reload} />
        ) : (
          <Facts status={value} />
        )}
        <Doctor />
      </div>
    </div>
  )
}

function Facts({ status }: { status: NodeStatus }) {
  const { storage, contacts } = status
  const isAway = useIsAway()
  const isGood = status.warnings.length === 0
  return (
    <>
      {isAway ? (
        <Notice kind="warn">Your twin is not reached: this is how it was when it last answered.</Notice>
      ) : (
        <section class="health" data-kind={isGood ? 'good' : 'warn'}>
          <span class="health-mark">
            <Icon name={isGood ? 'check' : 'alert'} size={30} />
          </span>
          <div>
            <h2>{isGood ? 'All is well' : `${count(status.warnings.length, 'thing')} to look at`}</h2>
            <p>{`Started ${relative(status.startedAt)}, version ${status.version}`}</p>
          </div>
        </section>
      )}
      {status.warnings.map(({ code, message, next }) => (
        <Notice key={`${code} ${message}`} kind="warn">
          <strong>{message}</strong>
          <p>{next}</p>
        </Notice>
      ))}
      <WhereCommandsGo texts={status.warnings.map(({ next }) => next)} />
      <section class="tiles">
        <Tile title="Reached" text={reach[status.reachability]} />
        <Tile
          title="Connections"
          text={`${status.peers}, with ${contacts.connected} of ${count(contacts.all, 'contact')}`}
        />
        <Tile
          title="Keeps"
          text={`${count(storage.entries, 'entry', 'entries')} in ${count(storage.spaces, 'space')}`}
        />
        <Tile title="On disk" text={`${byteSize(storage.bytes)}, ${byteSize(storage.freeBytes)} free`} />
      </section>
    </>
  )
}

/** What is said next may be a command. */
function WhereCommandsGo({ texts }: { texts: readonly (string | undefined)[] }) {
  if (!texts.some(text => text !== undefined && /\btwin [a-z]/.test(text))) return null
  return (
    <p class="hint">
      A command is typed on the machine of your twin. Where <code>twin</code> is not known there, in the folder where
      you ran <code>npm start</code>, write <code>node dist/bin/twin.js</code> in its place.
    </p>
  )
}

function Tile({ title, text }: { title: string; text: string }) {
  return (
    <div class="card tile">
      <h3>{title}</h3>
      <p>{text}</p>
    </div>
  )
}

/** Asked for, as it dials and looks things up. */
function Doctor() {
  const node = useClient(nodeProtocol)
  const [checks, setChecks] = useState<readonly NodeCheck[]>([])
  const [isRunning, setIsRunning] = useState(false)
  const [error, setError] = useState<Error>()
  const [isDone, setIsDone] = useState(false)
  const run = async () => {
    setIsRunning(true)
    setIsDone(false)
    setError(undefined)
    setChecks([])
    try {
      for await (const check of node.doctor({})) setChecks(now => [...now, check])
      setIsDone(true)
    } catch (thrown) {
      setError(asError(thrown))
    } finally {
      setIsRunning(false)
    }
  }
  const about = [...new Set(checks.map(check => check.about))]
  const problems = checks.filter(({ result }) => result === 'problem').length
  return (
    <section class="card stack">
      <header class="card-head">
        <div class="item-words">
          <h2>Doctor</h2>
          <p class="dim">Goes through everything that has to work, and says what does not and why.</p>
        </div>
        <Button icon="status" disabled={isRunning} onClick={() => void run()}>
          {isRunning ? 'Looking…' : 'Look now'}
        </Button>
      </header>
      <p aria-live="polite" class={isDone ? undefined : 'only-read'}>
        {isDone && (problems === 0 ? 'No problem found.' : `${count(problems, 'problem')} found.`)}
      </p>
      {error !== undefined && <Notice kind="warn">{error.message}</Notice>}
      {about.map(who => (
        <div key={who} class="stack-small">
          <h3>{who === 'this twin' ? 'Your twin' : who}</h3>
          <ul class="checks">
            {checks
              .filter(check => check.about === who)
              .map(({ step, result, detail, next }) => (
                <li key={`${step} ${detail}`} data-result={result}>
                  <Icon name={result === 'good' ? 'check' : result === 'wait' ? 'clock' : 'alert'} size={18} />
                  <div>
                    <p>
                      <span class="only-read">{`${result}: `}</span>
                      {detail}
                    </p>
                    {next !== undefined && <p class="dim">{next}</p>}
                  </div>
                </li>
              ))}
          </ul>
        </div>
      ))}
      <WhereCommandsGo texts={checks.map(({ next }) => next)} />
    </section>
  )
}
