import Core
@testable import LFS
import Testing

@Suite("whose an address is")
struct PlaceTests {
    @Test(
        "the repo before /info/lfs",
        arguments: [
            ("/acme/whale.git/info/lfs/objects/batch", LFSPlace.repo(.model, owner: "acme", name: "whale")),
            ("/acme/whale/info/lfs/locks", .repo(.model, owner: "acme", name: "whale")),
            ("/datasets/acme/reef.git/info/lfs", .repo(.dataset, owner: "acme", name: "reef")),
            ("/models/acme/whale/info/lfs/x", .repo(.model, owner: "acme", name: "whale")),
            ("/spaces/acme/whale.git/info/lfs/objects/batch", .nowhere("acme/whale.git")),
            ("/acme/info/info/lfs/locks", .repo(.model, owner: "acme", name: "info"))
        ])
    func found(_ path: String, _ place: LFSPlace) {
        #expect(LFSAddress(path[...], LFSPlace.standard)?.place == place)
    }

    @Test(
        "other addresses are left to others",
        arguments: [
            "/", "/info/lfs", "/acme/info/lfs/objects/batch", "/acme/whale/resolve/main/info/lfs/x", "/acme/whale.git/info/refs",
            "/datasets/acme/info/lfs/objects/batch", "/api/models/info/lfs/objects/batch", "/hub/v1/info/lfs/x", "/acme/whale.git/info/lfsx/y",
            "/acme/whale/tree/main/info/lfs", "/v2/acme/info/lfs/x", "/acme/whale/blob%2Finfo/lfs/x"
        ])
    func none(_ path: String) {
        #expect(LFSAddress(path[...], LFSPlace.standard) == nil)
    }

    @Test("the base is kept as it came, the rest is cut")
    func parts() {
        let address = LFSAddress("/datasets/acme/reef.git/info/lfs/objects/abc/verify", LFSPlace.standard)
        #expect(address?.base == "/datasets/acme/reef.git")
        #expect(address?.rest == ["objects", "abc", "verify"])
    }

    @Test("every code of the house has a status")
    func codes() {
        for code in [HubError.Code.unknownBlob, .unknownRepo] { #expect(code.lfsStatus == 404) }
        #expect(HubError.Code.digestMismatch.lfsStatus == 422)
        #expect(HubError.Code.storageFull.lfsStatus == 507)
        #expect(HubError.Code.unavailable.lfsStatus == 503)
    }
}
