package acceptance_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/weeklyarchive/weeklyarchive/internal/acceptance/chromium"
)

func TestScratch(t *testing.T) {
	ctx, cancel := context.WithTimeout(chromium.New(t), 10*time.Minute)
	defer cancel()
	f, _ := os.Open(os.Getenv("STEPS"))
	do := func(a ...chromedp.Action[chromedp.Void]) {
		c, stop := context.WithTimeout(ctx, 25*time.Second)
		defer stop()
		if err := chromedp.Do(c, a...); err != nil {
			fmt.Println("   !!", err)
		}
	}
	for s := bufio.NewScanner(f); s.Scan(); {
		line := strings.TrimSpace(s.Text())
		if line == "" {
			continue
		}
		fmt.Println(">", line)
		op, rest, _ := strings.Cut(line, " ")
		switch op {
		case "view":
			p := strings.Fields(rest)
			w, _ := strconv.ParseInt(p[0], 10, 64)
			h, _ := strconv.ParseInt(p[1], 10, 64)
			if len(p) > 2 {
				do(chromedp.EmulateViewport(w, h, chromedp.EmulateMobile, chromedp.EmulateTouch))
			} else {
				do(chromedp.EmulateViewport(w, h))
			}
		case "go":
			do(chromedp.Navigate(rest))
		case "click":
			do(chromedp.Click(chromedp.CSS(rest)))
		case "wait":
			do(chromedp.WaitVisible(chromedp.CSS(rest)))
		case "sleep":
			ms, _ := strconv.Atoi(rest)
			time.Sleep(time.Duration(ms) * time.Millisecond)
		case "eval":
			v, err := chromedp.Run(ctx, chromedp.Evaluate[any](rest, chromedp.EvalAwaitPromise))
			fmt.Println("   =", v, err)
		case "text":
			v, err := chromedp.Run(ctx, chromedp.Evaluate[string](`[...document.querySelectorAll(`+strconv.Quote(rest)+`)].map(e=>e.innerText).join("\n---\n")`))
			fmt.Println(v, err)
		case "nojs":
			_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: rest == "on"})
			if err != nil { fmt.Println(err) }
		case "shot":
			r, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: "png", CaptureBeyondViewport: new(true)})
			if err != nil { fmt.Println(err); continue }
			_ = os.WriteFile("/tmp/shots/"+rest+".png", r.Data, 0o600)
		case "full":
			v, _ := chromedp.Run(ctx, chromedp.Evaluate[float64](`document.documentElement.scrollHeight`))
			w, _ := chromedp.Run(ctx, chromedp.Evaluate[float64](`innerWidth`))
			r, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: "png", CaptureBeyondViewport: new(true), Clip: &page.Viewport{Width: w, Height: v, Scale: 1}})
			if err != nil { fmt.Println(err); continue }
			_ = os.WriteFile("/tmp/shots/"+rest+".png", r.Data, 0o600)
		}
	}
}
