import { SignInRequest } from './sign-in-request.tsx'
import { SitesCard } from './sites-card.tsx'

/** What a site asks, when a link of it was opened; else where one signed in. A link only ever shows: what is signed is clicked. */
export function LoginPage({ item, name }: { item: string; name: string }) {
  return (
    <div class="page">
      <div class="page-body">
        <header class="page-title">
          <h1>{item === '' ? 'Sign-ins' : 'Sign in'}</h1>
        </header>
        {item === '' ? <SitesCard /> : <SignInRequest key={item} request={toRequest(item)} me={name} />}
      </div>
    </div>
  )
}

/** A browser that opens `web+twin:` links with the console puts the whole link there. */
function toRequest(item: string): string {
  return item.startsWith('web+twin:') ? item : `login/${item}`
}
