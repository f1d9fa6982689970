import { useState } from 'preact/hooks'
import { loginProtocol } from '../../../protocols/login/protocol.ts'
import { useClient, useTwin } from '../hooks/twin-context.ts'
import { useLoad } from '../hooks/use-load.ts'
import { go } from '../hooks/use-route.ts'
import { useSeen } from '../hooks/use-seen.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { Avatar } from '../parts/avatar.tsx'
import { Button } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { Notice } from '../parts/notice.tsx'
import { clockTime, dateWords } from '../parts/words.ts'

export function SignInRequest({ request, me }: { request: string; me: string }) {
  const login = useClient(loginProtocol)
  const toasts = useToasts()
  const { value: asked, error } = useLoad(signal => login.read({ request }, { signal }), [login, request])
  const [tellsName, setTellsName] = useState(true)
  const [isLeaving, setLeaving] = useState(false)
  const isSeen = useSeen(asked !== undefined)
  if (error !== undefined) {
    return (
      <Notice kind="bad">
        <strong>This cannot be answered</strong>
        <p>{error.message}</p>
        <p>Nothing was told to anybody. Go back to the site and ask again.</p>
      </Notice>
    )
  }
  if (asked === undefined) return <p class="waiting" aria-busy="true">{`Reading what the site asks…`}</p>
  const { site, scopes, expiresAt, name, lastAt } = asked
  const isNameAsked = scopes.includes('name')
  const allow = () =>
    void toasts.attempt(async () => {
      setLeaving(true)
      try {
        const granted = isNameAsked && tellsName && name !== undefined ? (['id', 'name'] as const) : (['id'] as const)
        const { url } = await login.approve({ request, scopes: [...granted] })
        // Going back leads to before the question, which is answered now
        location.replace(url)
      } catch (thrown) {
        setLeaving(false)
        throw thrown
      }
    })
  return (
    <section class="card stack sign-in" aria-labelledby="sign-in-site">
      <Parties site={site} me={me} />
      <p class="dim">This site asks who you are:</p>
      <h2 id="sign-in-site" class="sign-in-site">
        <Origin origin={site} />
      </h2>
      {lastAt === undefined ? (
        <Notice kind="warn">
          <strong>You have not signed in here before</strong>
          <p>Read the address above, letter by letter: one that only looks like another is another site.</p>
        </Notice>
      ) : (
        <Notice kind="good">{`You signed in here before, last on ${dateWords(lastAt)}.`}</Notice>
      )}
      <div class="stack-small">
        <h3>It will learn</h3>
        <ul class="sign-in-scopes">
          <li>Your twin id. It is the same everywhere, and the site knows you by it when you come back.</li>
          <li>The list of your devices, with their names: it proves that this one is yours.</li>
          {isNameAsked && (
            <li>
              {name === undefined ? (
                'Your name, if you had set one: you have not, so it learns none.'
              ) : (
                <label>
                  <input
                    type="checkbox"
                    checked={tellsName}
                    onChange={event => setTellsName(event.currentTarget.checked)}
                  />
                  {` Your name: ${name}`}
                </label>
              )}
            </li>
          )}
        </ul>
        <p class="hint">{`Nothing else: no contact, no message, no password. The question is good until ${clockTime(expiresAt)}.`}</p>
      </div>
      <footer class="dialog-foot">
        <Button onClick={() => go('chats')}>Not now</Button>
        <Button kind="main" disabled={!isSeen || isLeaving} onClick={allow}>
          Allow
        </Button>
      </footer>
    </section>
  )
}

/**
 * Who asks and who would answer. A picture from the site could be anybody's, so its colours follow from its address; of which
 * nothing is left out, as its end is what says whose it is.
 */
function Parties({ site, me }: { site: string; me: string }) {
  const twin = useTwin()
  const { host } = new URL(site)
  return (
    <div class="sign-in-parties">
      <figure>
        <Avatar id={site} name={host} size={64} />
        <figcaption>{host}</figcaption>
      </figure>
      <Icon name="next" size={24} />
      <figure>
        <Avatar id={twin.id} name={me || 'You'} size={64} />
        <figcaption class="clip">{me || 'You'}</figcaption>
      </figure>
    </div>
  )
}

/** All of it, as the browser writes it, with the part that says whose it is in front of the eye. */
function Origin({ origin }: { origin: string }) {
  const { protocol, host } = new URL(origin)
  return (
    <>
      <span class="dim">{`${protocol}//`}</span>
      <strong>{host}</strong>
    </>
  )
}
