// Takes the answer out of the address before anything else sees it, and brings it to the site.
const answer = new URLSearchParams(location.hash.slice(1)).get('twin') ?? ''
history.replaceState(null, '', location.pathname)
const response = await fetch('/session', { method: 'POST', body: answer })
if (response.ok) location.replace('/')
else {
  const { message } = await response.json()
  document.getElementById('state').textContent = message
}
