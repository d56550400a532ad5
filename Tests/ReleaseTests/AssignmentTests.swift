import Core
import Release
import Testing

@Suite("the hash that assigns users")
struct CohortHashTests {
    @Test(
        "SipHash-2-4 as its authors publish it: key 00…0f, input 00, 01, 02…",
        arguments: [
            (0, 0x726f_db47_dd0e_0e31), (1, 0x74f8_39c5_93dc_67fd), (2, 0x0d6c_8009_d9a9_4f5a), (3, 0x8567_6696_d7fb_7e2d),
            (4, 0xcf27_94e0_2771_87b7), (5, 0x1876_5564_cd99_a68d), (6, 0xcbc9_466e_58fe_e3ce), (7, 0xab02_00f5_8b01_d137),
            (8, 0x93f5_f579_9a93_2462), (15, 0xa129_ca61_49be_45e5)
        ] as [(Int, UInt64)])
    func vectors(length: Int, expected: UInt64) {
        let hash = CohortHash(key: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
        #expect(hash.hash((0..<length).map(UInt8.init)) == expected)
    }

    @Test("buckets of today are buckets for ever")
    func golden() {
        let hash = CohortHash(key: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
        let found = [("chat-7", "user-1"), ("chat-7", "user-2"), ("chat-8", "user-1"), ("", ""), ("chat-7", "Zoë")].map {
            hash.bucket(salt: $0.0, key: $0.1)
        }
        #expect(found == [8166, 973, 9722, 5042, 3834])
        #expect(hash.key("user-1") == 0xa422_e4dc_3bca_726d)
    }

    @Test("salt and key do not run into one another; another key is another hash")
    func separate() {
        let hash = CohortHash(key: (1, 2))
        let pairs = [("ab", "c"), ("a", "bc"), ("abc", ""), ("", "abc")]
        #expect(Set(pairs.map { hash.bucket(salt: $0.0, key: $0.1) }).count == 4)
        #expect(CohortHash(key: (1, 3)).key("abc") != hash.key("abc"))
        #expect(CohortHash(key: (1, 2)).bucket(salt: "s", key: "k") == hash.bucket(salt: "s", key: "k"))
    }
}

@Suite("assignment")
struct AssignmentTests {
    static func route(candidate: Int, control: Int = 0) -> TrafficRoute {
        var targets = [
            RouteTarget(variant: .stable, backend: Known.stable, weight: 10_000 - candidate - control, version: "1", model: Known.digest(1))
        ]
        if control > 0 {
            targets.append(RouteTarget(variant: .control, backend: Known.stable, weight: control, version: "1", model: Known.digest(1)))
        }
        targets.append(RouteTarget(variant: .candidate, backend: Known.candidate, weight: candidate, version: "2", model: Known.digest(2)))
        return TrafficRoute(endpoint: Known.chat, generation: 1, targets: targets)
    }
    static let users = 40_000
    static let hash = CohortHash(key: (11, 12))
    static let buckets = (0..<users).map { hash.bucket(salt: "chat-7", key: "user-\($0)") }

    @Test("each weight gets its share of users, within the 99.99 % interval", arguments: [100, 500, 1000, 2500, 5000])
    func shares(weight: Int) {
        let route = Self.route(candidate: weight)
        let count = Self.buckets.count { route.variant(bucket: $0) == .candidate }
        let (n, p) = (Double(Self.users), Double(weight) / 10_000)
        #expect(abs(Double(count) - n * p) <= 3.891 * (n * p * (1 - p)).squareRoot())
    }

    @Test("raising the weight only moves users to the candidate, lowering it only some of those back")
    func monotone() {
        var dice = Dice(1)
        var before = Self.route(candidate: 0)
        for _ in 0..<40 {
            let (old, new) = (before.target(.candidate)?.weight ?? 0, dice.number(0...10_000))
            let after = Self.route(candidate: new)
            for bucket in 0..<10_000 {
                let (was, isNow) = (before.variant(bucket: bucket) == .candidate, after.variant(bucket: bucket) == .candidate)
                if was != isNow, isNow != (new > old) {
                    Issue.record("bucket \(bucket) moved against the weight, \(old) to \(new)")
                    return
                }
            }
            before = after
        }
    }

    @Test("the control takes as much from the other end, and nobody is two things")
    func control() {
        let route = Self.route(candidate: 500, control: 500)
        let counts = Dictionary(grouping: 0..<10_000, by: { route.variant(bucket: $0) }).mapValues(\.count)
        #expect(counts == [.candidate: 500, .control: 500, .stable: 9000])
        #expect(route.variant(bucket: 0) == .candidate && route.variant(bucket: 499) == .candidate && route.variant(bucket: 500) == .stable)
        #expect(route.variant(bucket: 9499) == .stable && route.variant(bucket: 9500) == .control)
    }

    @Test("the users who are first in one release are not first in the next")
    func salts() {
        // Two binary variables, independent: chi-square of one degree of freedom, 15.1 at 0.0001.
        for weight in [500, 2500, 5000] {
            let route = Self.route(candidate: weight)
            var table = [[0.0, 0], [0, 0]]
            for user in 0..<Self.users {
                let a = route.variant(bucket: Self.buckets[user]) == .candidate ? 1 : 0
                let b = route.variant(bucket: Self.hash.bucket(salt: "chat-8", key: "user-\(user)")) == .candidate ? 1 : 0
                table[a][b] += 1
            }
            let rows = table.map { $0[0] + $0[1] }
            let columns = [table[0][0] + table[1][0], table[0][1] + table[1][1]]
            var chi = 0.0
            for a in 0...1 {
                for b in 0...1 {
                    let expected = rows[a] * columns[b] / Double(Self.users)
                    chi += (table[a][b] - expected) * (table[a][b] - expected) / expected
                }
            }
            #expect(chi < 15.1)
        }
    }
}

@Suite("the route of a state")
struct RenderTests {
    static let endpoint = EndpointSpec(name: Known.chat, publicNames: ["whale"], objectives: [Objective(name: "theirs")])
    static let stable = Known.backend(Known.stable, version: "1.0", replicas: 3)
    static let candidate = Known.backend(Known.candidate, version: "2.0")
    static func render(_ release: Release?, stable: ServedBackend? = stable) -> TrafficRoute {
        .render(endpoint, release: release, stable: stable, candidate: candidate, generation: 5)
    }
    static func weights(_ route: TrafficRoute) -> [Variant: Int] { Dictionary(uniqueKeysWithValues: route.targets.map { ($0.variant, $0.weight) }) }

    @Test("without a release, and before and after one, stable has everything and nothing is compared")
    func quiet() {
        for release in [nil, Story().release, Story.preparing().release, Story.rollingBack().release] {
            let route = Self.render(release)
            #expect(Self.weights(route) == [.stable: 10_000])
            #expect(route.release == nil && route.salt == "" && route.shadow == nil && route.objectives.map(\.name) == ["theirs"])
        }
        #expect(Self.render(nil, stable: nil).targets == [])
    }

    @Test("while it is live the release's weights, name and objectives are the route's")
    func live() {
        let route = Self.render(Story.live().release)
        #expect(Self.weights(route) == [.stable: 9500, .candidate: 500])
        #expect(route.release == ReleaseID(endpoint: Known.chat, number: 7) && route.salt == "chat-7" && route.generation == 5)
        #expect(route.objectives.map(\.name) == ["errors"] && route.publicNames == ["whale"])
        #expect(route.target(.candidate)?.version == "2.0" && route.target(.candidate)?.backend == Known.candidate)
        #expect(Self.weights(Self.render(Story.baking().release)) == [.stable: 500, .candidate: 9500])
    }

    @Test("a candidate of weight 0 stays a target for pins and rules")
    func tripped() {
        var story = Story.live()
        story.take(.tick(.good(.guardTripped)))
        #expect(Self.weights(Self.render(story.release)) == [.stable: 10_000, .candidate: 0])
    }

    @Test("after stable moved, the new version is stable")
    func completing() {
        var story = Story.baking()
        story.take(.tick(.good(bake: 600_000)))
        let route = Self.render(story.release, stable: Self.candidate)
        #expect(Self.weights(route) == [.stable: 10_000] && route.target(.stable)?.version == "2.0" && route.release == nil)
    }

    @Test("the control has replicas of its own, where there are two; the shadow its share")
    func controlAndShadow() {
        var strategy = Strategy.sample(steps: [.init(weight: 500, shadow: 1000), .init(weight: 5000)])
        strategy.hasControl = true
        let release = Story.live(.sample(strategy)).release
        let route = Self.render(release)
        #expect(Self.weights(route) == [.stable: 9000, .control: 500, .candidate: 500])
        #expect(route.target(.control)?.slots == [2] && route.target(.stable)?.slots == [0, 1])
        #expect(route.shadow == ShadowRule(backend: Known.candidate, ratio: 1000))
        let single = Self.render(release, stable: Known.backend(Known.stable, version: "1.0"))
        #expect(Self.weights(single) == [.stable: 9500, .candidate: 500] && single.target(.stable)?.slots == nil)
    }
}
