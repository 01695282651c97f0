package acceptance_test

import (
	"image"
	"image/color"
	"image/draw"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"testing"
	"time"

	qr "github.com/piglig/go-qr"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/local/memjobs"
	"github.com/weeklyarchive/weeklyarchive/internal/local/operator"
)

var (
	qrSize   = regexp.MustCompile(`<svg class="qr" viewBox="0 0 (\d+) \d+"`)
	qrModule = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-\d+z`)
)

// The code on the operator's page is the address that others are sent, as a
// reader of another make reads it.
func TestInvitationsCodeIsRead(t *testing.T) {
	t.Parallel()
	log := slog.New(slog.DiscardHandler)
	store := records.New(archivetest.NewDocuments(archivetest.WeekTime))
	queue := memjobs.New(memjobs.Config{Clock: archivetest.WeekTime, Log: log})
	for _, address := range []string{
		"https://archive.example", "https://weekly-archive.a-rather-long-name-of-a-machine-in-a-home-network.example.com:8443",
	} {
		page := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8080/local", nil)
		r.RemoteAddr = "127.0.0.1:50000"
		r.Header.Set("Accept", "text/html")
		operator.New(operator.Config{
			Store: store, Queue: queue, Clock: archivetest.WeekTime, Log: log, BaseURL: address,
			Accounts: &usecase.Accounts{Store: store, Jobs: queue, Clock: archivetest.WeekTime, Log: log},
			Next:     archivetest.WeekTime, Uptime: func() time.Duration { return 0 },
		}).ServeHTTP(page, r)
		size := qrSize.FindStringSubmatch(page.Body.String())
		if size == nil {
			t.Fatalf("no code on the page:\n%s", page.Body)
		}
		const scale = 6
		side := number(t, size[1]) * scale
		picture := image.NewGray(image.Rect(0, 0, side, side))
		draw.Draw(picture, picture.Bounds(), image.White, image.Point{}, draw.Src)
		for _, m := range qrModule.FindAllStringSubmatch(page.Body.String(), -1) {
			x, y, width := number(t, m[1]), number(t, m[2]), number(t, m[3])
			run := image.Rect(x*scale, y*scale, (x+width)*scale, (y+1)*scale)
			draw.Draw(picture, run, image.NewUniform(color.Black), image.Point{}, draw.Src)
		}
		if got, err := qr.Decode(picture); err != nil || got != address {
			t.Errorf("got %q (%v), want %q", got, err, address)
		}
	}
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
