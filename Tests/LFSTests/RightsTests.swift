import Core
import Hub
import LFS
import TestKit
import Testing
import Wire

@Suite("who may")
struct RightsTests {
    @Test("an address ends with the right of whoever it was made for")
    func revoked() async throws {
        try await DialectServer.run { server, ada in
            let (test, hub) = (server.test, server.test.hub)
            let secret = try test.repo("acme/secret")
            let bob = try await test.token("bob")
            let admin = test.admin
            try await hub.setRole(.writer, of: try OwnerName(parsing: "bob"), in: secret, by: admin)
            try await test.publish(["a.bin": "krill"], to: "acme/secret")
            let oid = TestHub.digest("krill").hex
            let get = try #require(
                try await server.batch("download", [(oid, 5)], repo: "acme/secret", as: bob).json()["objects"]?[0]?["actions"]?["download"]?["href"]?
                    .target)
            let put = try #require(
                try await server.batch("upload", [(TestHub.digest("squid").hex, 5)], repo: "acme/secret", as: bob)
                    .json()["objects"]?[0]?["actions"]?["upload"]?["href"]?.target)
            #expect(try await server.ask("GET", get).text == "krill")
            try await hub.setRole(nil, of: try OwnerName(parsing: "bob"), in: secret, by: admin)
            #expect(try await server.ask("GET", get).status == 401)
            #expect(try await server.ask("PUT", put, body: "squid").status == 401)
        }
    }

    @Test("what was sent can be committed, and what others keep cannot")
    func commit() async throws {
        try await DialectServer.run { server, ada in
            let test = server.test
            try await test.publish(["a.bin": "krill"], to: "acme/secret")
            let eve = try await test.user("eve", role: .admin)
            let eveSecret = try await test.token("eve", role: .admin)
            _ = try await server.batch("upload", [(TestHub.digest("krill").hex, 5)], repo: "eve/squid", as: eveSecret)
            let draft = try test.draft(["b.bin": "krill"], to: "eve/squid")
            #expect(try await code { try await test.hub.publish(draft, by: eve) } == .blobsMissing)

            let put = try #require(
                try await server.batch("upload", [(TestHub.digest("krill").hex, 5)], repo: "eve/squid", as: eveSecret)
                    .json()["objects"]?[0]?["actions"]?["upload"]?["href"]?.target)
            #expect(try await server.ask("PUT", put, body: "krill").status == 200)
            _ = try await test.hub.publish(draft, by: eve)
            #expect(try await test.files(of: "eve/squid") == ["b.bin": "krill"])
        }
    }

    @Test("what the answer calls present is kept from collection")
    func lease() async throws {
        try await DialectServer.run { server, ada in
            let test = server.test
            let who = try test.hub.principal(secret: ada).principal
            try await test.send("krill", by: who)
            // The lease of sending ends, the one of asking does not.
            test.clock.turn(seconds: Hub.leaseSeconds - 10)
            let answer = try await server.batch("upload", [(TestHub.digest("krill").hex, 5)], as: ada).json()
            #expect(answer["objects"]?[0]?["actions"] == nil)
            test.clock.turn(seconds: 3600)
            _ = try await test.collect(grace: 0)
            #expect(try await test.hub.publish(try test.draft(["a.bin": "krill"], to: "acme/whale"), by: who).wasNew)
        }
    }

    @Test("a thousand objects are a batch, and one more is none")
    func many() async throws {
        try await DialectServer.run { server, ada in
            func objects(_ count: Int) -> [(oid: String, size: Int)] {
                (0..<count).map { (String(repeating: "0", count: 60) + String($0 + 4096, radix: 16), $0) }
            }
            let answer = try await server.batch("upload", objects(1000), as: ada)
            #expect(answer.status == 200)
            #expect(try answer.json()["objects"]?[999]?["actions"] != nil)
            #expect(try await server.batch("upload", objects(1001), as: ada).status == 413)
            #expect(
                try await server.ask("POST", "/acme/whale.git/info/lfs/objects/batch", as: ada, body: String(repeating: " ", count: 2 << 20)).status
                    == 413)
        }
    }

    @Test("the same dialect answers below another prefix")
    func mounted() async throws {
        let reader: LFSPlace.Reader = { base in
            guard base.count == 6, base[0] == "api", base[1] == "v1", base[2] == "repos", base[3] == "models" else { return nil }
            return .repo(.model, owner: String(base[4]), name: String(base[5]))
        }
        try await DialectServer.run(dialects: {
            [LFSRoutes(hub: $0.hub), LFSRoutes(hub: $0.hub, name: "other", reader: reader)]
        }) { server in
            let secret = TestHub.adminSecret
            _ = try await server.test.hub.createRepo(try server.test.repo("acme/whale"), isPrivate: true, description: "", by: server.test.admin)
            let answer = try await server.ask(
                "POST", "/api/v1/repos/models/acme/whale/info/lfs/objects/batch", as: secret,
                body: "{\"operation\":\"upload\",\"objects\":[{\"oid\":\"\(TestHub.digest("krill").hex)\",\"size\":5}]}")
            let put = try #require(try answer.json()["objects"]?[0]?["actions"]?["upload"]?["href"]?.target)
            #expect(put.hasPrefix("/api/v1/repos/models/acme/whale/info/lfs/objects/"))
            #expect(try await server.ask("PUT", put, body: "krill").status == 200)
            #expect(try await server.ask("GET", "/acme/whale.git/info/lfs/objects/\(TestHub.digest("krill").hex)", as: secret).text == "krill")
        }
    }
}
