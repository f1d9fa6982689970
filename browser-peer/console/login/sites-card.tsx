import { loginProtocol } from '../../../protocols/login/protocol.ts'
import { useClient } from '../hooks/twin-context.ts'
import { collect, useLoad } from '../hooks/use-load.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { Avatar } from '../parts/avatar.tsx'
import { Button, IconButton } from '../parts/button.tsx'
import { Waiting } from '../parts/notice.tsx'
import { count, relative } from '../parts/words.ts'

/** Where its owner signed in, by all devices. */
export function SitesCard() {
  const login = useClient(loginProtocol)
  const toasts = useToasts()
  const { value: signIns, error, reload } = useLoad(signal => collect(login.list({}, { signal })), [login])
  const sites = [...new Set(signIns?.map(({ site }) => site))]
  return (
    <section class="card stack">
      <h2>Sites you signed in to</h2>
      {signIns === undefined && <Waiting error={error} what="your sign-ins" onAgain={reload} />}
      {signIns?.length === 0 && <p class="hint">None yet. A site that knows twins has a button for it.</p>}
      {sites.length > 0 && (
        <ul class="sign-in-list">
          {sites.map(site => {
            const here = signIns?.filter(signIn => signIn.site === site) ?? []
            const last = Math.max(...here.map(({ lastAt }) => lastAt))
            const times = here.reduce((sum, signIn) => sum + signIn.count, 0)
            return (
              <li key={site}>
                <Avatar id={site} name={new URL(site).host} size={36} />
                <span class="grow">
                  <strong class="code">{site}</strong>
                  <span class="dim">{`${count(times, 'time')}, last ${relative(last)}`}</span>
                </span>
                <IconButton
                  icon="trash"
                  label={`Forget ${site}`}
                  onClick={() => void toasts.attempt(() => login.forget({ site })).then(reload)}
                />
              </li>
            )
          })}
        </ul>
      )}
      <p class="hint">
        Sites ask by links that begin with web+twin:. Your browser can open them here. Forgetting a site changes nothing
        at the site.
      </p>
      <div class="row">
        <Button onClick={() => void toasts.attempt(async () => registerLinks())}>Open sign-in links here</Button>
      </div>
    </section>
  )
}

/** The browser asks its person, and puts the link behind the `#`, where no server is told of it. */
function registerLinks(): void {
  if (typeof navigator.registerProtocolHandler !== 'function') {
    throw new Error('This browser does not open such links: copy what the site asks behind the # of this address')
  }
  navigator.registerProtocolHandler('web+twin', `${location.origin}${location.pathname}#login/%s`)
}
