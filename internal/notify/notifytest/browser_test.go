package notifytest_test

import (
	"crypto/ecdh"
	"encoding/base64"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/notify/notifytest"
)

// The example of RFC 8291, appendix A.
func TestOpensTheExampleOfTheRFC(t *testing.T) {
	t.Parallel()
	decode := func(text string) []byte {
		b, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	private, err := ecdh.P256().NewPrivateKey(decode("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"))
	if err != nil {
		t.Fatal(err)
	}
	body := decode("DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN")
	got, err := notifytest.Open(private, decode("BTBZMqHH6r4Tts7J_aSIgg"), body)
	if want := "When I grow up, I want to be a watermelon"; err != nil || string(got) != want {
		t.Errorf("got %q (error %v), want %q", got, err, want)
	}
	body[len(body)-1] ^= 1
	if _, err := notifytest.Open(private, decode("BTBZMqHH6r4Tts7J_aSIgg"), body); err == nil {
		t.Error("a changed body opens")
	}
}
