import Blobs
import Core
import Foundation
import Hub
import TestKit
import Testing

@Suite("what a git-lfs transfer asks")
struct LFSTransferTests {
    @Test("what is here for somebody, and for nobody else")
    func plan() async throws {
        let test = try await TestHub()
        let (ada, eve) = (try await test.user("ada"), try await test.user("eve"))
        let whale = try test.repo("ada/whale")
        _ = try await test.hub.createRepo(whale, isPrivate: true, description: "", by: ada)
        let krill = try await test.send("krill", by: ada)
        let squid = TestHub.digest("squid")
        #expect(try await test.hub.planTransfer([krill, squid], to: whale, by: ada) == [krill: 5])
        #expect(try test.hub.readableObjects([krill, squid], of: whale, for: ada).sizes == [krill: 5])

        let den = try test.repo("eve/den")
        _ = try await test.hub.createRepo(den, isPrivate: false, description: "", by: eve)
        #expect(try await test.hub.planTransfer([krill], to: den, by: eve) == [:])
        #expect(try test.hub.readableObjects([krill], of: den, for: eve).sizes == [:])
        await test.close()
    }

    @Test("a repo must be there, seen, and open to the writer")
    func rights() async throws {
        let test = try await TestHub()
        let (ada, eve) = (try await test.user("ada"), try await test.user("eve"))
        let reader = try await test.user("ada", role: .reader)
        let (whale, hidden, none) = (try test.repo("ada/whale"), try test.repo("ada/hidden"), try test.repo("ada/none"))
        _ = try await test.hub.createRepo(whale, isPrivate: false, description: "", by: ada)
        _ = try await test.hub.createRepo(hidden, isPrivate: true, description: "", by: ada)
        for (name, who, expected) in [
            (whale, eve, HubError.Code.notPermitted), (whale, reader, .notPermitted), (whale, .anonymous, .unauthenticated),
            (hidden, eve, .unknownRepo), (hidden, .anonymous, .unknownRepo), (none, ada, .unknownRepo)
        ] {
            #expect(try await code { try await test.hub.planTransfer([], to: name, by: who) } == expected, "\(name) \(who.name)")
            #expect(try await code { try test.hub.requireMaySend(to: name, by: who) } == expected, "\(name) \(who.name)")
        }
        try test.hub.requireMaySend(to: whale, by: ada)
        #expect(try test.hub.readableObjects([], of: whale, for: .anonymous).sizes.isEmpty)
        #expect(try await code { try test.hub.readableObjects([], of: hidden, for: eve) } == .unknownRepo)
        await test.close()
    }

    @Test("bytes that damage took away are asked for again")
    func damage() async throws {
        let test = try await TestHub()
        let whale = try test.repo("admin/whale")
        _ = try await test.hub.createRepo(whale, isPrivate: false, description: "", by: test.admin)
        let krill = try await test.send("krill", by: test.admin)
        try FileManager.default.removeItem(atPath: test.root.layout.blob(krill))
        #expect(try await test.hub.planTransfer([krill], to: whale, by: test.admin) == [:])
        await test.close()
    }

    @Test("parts are as large as an upload makes them", arguments: [0, 1, 64 << 20, 1 << 40, 5 << 40])
    func parts(_ size: Int64) async throws {
        let test = try await TestHub()
        // Beginning asks for the space it will take.
        if size <= 1 << 27 {
            #expect(try await test.hub.beginUpload(TestHub.digest("x"), size: size, by: test.admin).partSize == Hub.partSize(of: size))
        }
        #expect(PartPlan(size: size, partSize: Hub.partSize(of: size)).count <= 10_000)
        await test.close()
    }
}
