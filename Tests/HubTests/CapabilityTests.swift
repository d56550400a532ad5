import Core
import Hub
import TestKit
import Testing

@Suite("capabilities")
struct CapabilityTests {
    static func code(_ body: () async throws -> Void) async -> HubError.Code? {
        do { try await body() } catch { return (error as? HubError)?.code }
        return nil
    }

    static func capability(_ test: TestHub, _ who: Principal, seconds: Int64 = 60) -> Capability {
        Capability("lfs upload", ["one", "", "three=3"], for: who, until: test.clock.now.adding(seconds: seconds))
    }

    @Test("say after their seal is broken what they said before, also after a restart")
    func roundTrip() async throws {
        let (folder, clock) = (try TestFolder(), TestClock())
        let (capability, text, ada) = try await Self.sealed(in: folder, clock)
        #expect(text.utf8.allSatisfy { $0.isLowercaseHexDigit })
        let again = try await TestHub(in: folder, clock: clock)
        #expect(try await again.hub.unseal(text, for: "lfs upload") == capability)
        #expect(try again.hub.holder(of: capability) == ada)
    }

    /// By a hub that is gone when this returns.
    private static func sealed(in folder: TestFolder, _ clock: TestClock) async throws -> (Capability, String, Principal) {
        let test = try await TestHub(in: folder, clock: clock)
        let ada = try await test.user("ada", role: .reader)
        let capability = capability(test, ada)
        let text = try await test.hub.seal(capability)
        #expect(try await test.hub.unseal(text, for: "lfs upload") == capability)
        await test.close()
        return (capability, text, ada)
    }

    @Test("are worth nothing altered, cut, for another purpose, in another hub, or afterwards")
    func refused() async throws {
        let test = try await TestHub()
        let text = try await test.hub.seal(Self.capability(test, test.admin))
        for place in stride(from: 0, to: text.count, by: 7) {
            var altered = Array(text.utf8)
            altered[place] = altered[place] == 0x30 ? 0x31 : 0x30
            #expect(
                await Self.code { _ = try await test.hub.unseal(String(decoding: altered, as: UTF8.self), for: "lfs upload") } == .unauthenticated)
        }
        for bad in ["", "00", String(text.dropLast(2)), text + "00", "zz"] {
            #expect(await Self.code { _ = try await test.hub.unseal(bad, for: "lfs upload") } == .unauthenticated)
        }
        #expect(await Self.code { _ = try await test.hub.unseal(text, for: "lfs verify") } == .unauthenticated)
        let other = try await TestHub(clock: TestClock(test.clock.now.adding(seconds: 1)))
        #expect(await Self.code { _ = try await other.hub.unseal(text, for: "lfs upload") } == .unauthenticated)
        test.clock.turn(seconds: 60)
        #expect(await Self.code { _ = try await test.hub.unseal(text, for: "lfs upload") } == .tokenExpired)
    }

    @Test("their holder has no more rights than when they were made")
    func ceiling() async throws {
        let test = try await TestHub()
        let reader = try await test.user("ada", role: .reader)
        let capability = Self.capability(test, reader)
        #expect(try test.hub.holder(of: capability).user?.ceiling == .reader)
        #expect(try test.hub.holder(of: Self.capability(test, .anonymous)) == .anonymous)
    }
}
