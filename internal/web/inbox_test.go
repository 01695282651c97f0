package web_test

import (
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// An inbox that an outage made is read in good weeks too, so the page shows it.
func TestInboxOfAnOutageIsShown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	s.edit(t, func(u *archive.User) { u.Discover.Access = archive.AccessReadable })
	wantNoText(t, b.get("/account/settings"), "Your inbox")
	s.edit(t, func(u *archive.User) { u.Inbox.PlaylistID = "inboxFixture0000000000" })
	wantText(t, b.get("/account/settings"), "Your inbox")
}
