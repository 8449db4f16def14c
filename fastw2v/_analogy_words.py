"""The words that `fastw2v.datasets` plants, in pairs of a kind, and the cues that mark them."""

from __future__ import annotations

from typing import NamedTuple


class Relation(NamedTuple):
    """Pairs of words that differ in the same way, such as capitals and their countries.

    `topics` maps each pair to the cue words that both of its words are found among; `first` and
    `second` are the cue words of the role that the first and the second word of every pair has.
    """

    name: str
    first: str
    second: str
    topics: dict[str, str]


ENGLISH = (
    Relation(
        "capitals",
        "mayor downtown subway suburbs skyline boulevard taxis apartments municipal commuters",
        "president border citizens passport nation army constitution exports territory embassy",
        {
            "paris france": "seine louvre baguette croissant eiffel",
            "tokyo japan": "sushi fuji kimono sakura shinkansen",
            "seoul korea": "kimchi hangul hanbok bibimbap taekwondo",
            "beijing china": "dumplings panda yangtze silk mandarin",
            "london england": "thames cricket wembley shakespeare marmalade",
            "berlin germany": "rhine bratwurst autobahn bavaria oktoberfest",
            "rome italy": "pasta vespa colosseum venice opera",
            "madrid spain": "flamenco paella prado siesta matador",
            "moscow russia": "kremlin volga vodka borscht siberia",
            "athens greece": "acropolis olive aegean zeus parthenon",
            "cairo egypt": "nile pyramid pharaoh sphinx papyrus",
            "delhi india": "ganges curry sari bollywood himalaya",
            "hanoi vietnam": "pho mekong lotus sampan bamboo",
            "bangkok thailand": "baht monsoon elephant lemongrass siam",
            "ottawa canada": "maple hockey moose niagara ontario",
            "havana cuba": "cigar rum salsa caribbean sugarcane",
            "lima peru": "inca llama andes alpaca ceviche",
            "oslo norway": "fjord salmon viking skiing aurora",
            "vienna austria": "mozart waltz danube strudel habsburg",
            "lisbon portugal": "fado tagus sardine algarve cork",
        },
    ),
    Relation(
        "family",
        "he his him himself beard necktie gentleman moustache tuxedo razor",
        "she her hers herself dress skirt lady necklace lipstick handbag",
        {
            "man woman": "adult person crowd stranger neighbour",
            "king queen": "throne crown palace royal kingdom",
            "father mother": "parent cradle bedtime lullaby nursery",
            "brother sister": "sibling twin quarrel bunk childhood",
            "son daughter": "heir inherit schoolbag homework raised",
            "uncle aunt": "cousin visit barbecue holidays relatives",
            "husband wife": "marriage spouse anniversary mortgage household",
            "grandfather grandmother": "wrinkles retired rocking pension memories",
            "prince princess": "castle fairytale dragon ballroom carriage",
            "boy girl": "kid toys playground swing bicycle",
            "actor actress": "film stage drama script audience",
            "groom bride": "wedding altar bouquet vows honeymoon",
        },
    ),
    Relation(
        "past-tense",
        "today now usually always often currently daily regularly sometimes nowadays",
        "yesterday ago last earlier previously formerly once already previous recently",
        {
            "walk walked": "footpath shoes stroll pavement leash",
            "go went": "trip destination ticket abroad luggage",
            "eat ate": "lunch hungry fork sandwich restaurant",
            "drink drank": "thirsty glass juice straw lemonade",
            "sing sang": "song choir melody chorus microphone",
            "write wrote": "letter pen diary novel paragraph",
            "swim swam": "pool goggles lake lifeguard towel",
            "drive drove": "car highway steering garage petrol",
            "fly flew": "airplane pilot wings airport clouds",
            "sleep slept": "bed pillow blanket dream snore",
            "buy bought": "shop price basket receipt wallet",
            "teach taught": "classroom pupils lesson blackboard mathematics",
            "paint painted": "brush canvas easel portrait watercolour",
            "build built": "bricks hammer scaffold cement carpenter",
            "throw threw": "ball pitcher javelin frisbee baseball",
            "grow grew": "garden seeds soil harvest tomato",
        },
    ),
)

KOREAN = (
    Relation(
        "capitals",
        "시장 도심 지하철 시청 교외 골목 택시 아파트 번화가 시민회관",
        "대통령 국경 국민 여권 국가 군대 헌법 수출 영토 대사관",
        {
            "서울 한국": "한강 김치 한글 한복 태권도",
            "도쿄 일본": "초밥 후지산 기모노 벚꽃 신칸센",
            "베이징 중국": "만두 판다 장강 만리장성 자금성",
            "파리 프랑스": "센강 루브르 바게트 에펠탑 포도주",
            "런던 영국": "템스강 크리켓 셰익스피어 홍차 웸블리",
            "베를린 독일": "라인강 소시지 아우토반 맥주 장벽",
            "로마 이탈리아": "피자 파스타 콜로세움 오페라 베네치아",
            "마드리드 스페인": "플라멩코 파에야 투우 프라도 하몽",
            "모스크바 러시아": "크렘린 볼가강 보드카 시베리아 발레",
            "아테네 그리스": "아크로폴리스 올리브 에게해 제우스 신전",
            "카이로 이집트": "나일강 피라미드 파라오 스핑크스 파피루스",
            "델리 인도": "갠지스강 카레 사리 타지마할 요가",
            "하노이 베트남": "쌀국수 메콩강 아오자이 하롱베이 연꽃",
            "방콕 태국": "코끼리 불상 똠얌 팟타이 무에타이",
            "오타와 캐나다": "단풍나무 하키 나이아가라 메이플 로키산맥",
            "아바나 쿠바": "시가 럼주 살사 카리브해 사탕수수",
            "리마 페루": "잉카 라마 안데스 마추픽추 알파카",
            "오슬로 노르웨이": "피오르 연어 바이킹 오로라 스키",
            "빈 오스트리아": "모차르트 왈츠 도나우강 알프스 합스부르크",
            "울란바토르 몽골": "초원 게르 칭기즈칸 유목민 고비",
        },
    ),
    Relation(
        "family",
        "그는 그의 그를 수염 넥타이 신사 콧수염 면도기 양복 군복무",
        "그녀는 그녀의 그녀를 원피스 치마 숙녀 목걸이 립스틱 핸드백 하이힐",
        {
            "남자 여자": "어른 사람 이웃 낯선 군중",
            "왕 여왕": "왕좌 왕관 궁궐 왕국 즉위",
            "아버지 어머니": "부모 자장가 아기 육아 양육",
            "형 누나": "동생 형제자매 남매 말다툼 어린시절",
            "아들 딸": "자녀 상속 숙제 책가방 효도",
            "삼촌 이모": "사촌 친척 명절 방문 조카",
            "남편 아내": "결혼 부부 배우자 기념일 살림",
            "할아버지 할머니": "손주 주름 은퇴 연금 옛이야기",
            "왕자 공주": "성 동화 무도회 용 마차",
            "소년 소녀": "아이 장난감 놀이터 그네 자전거",
            "남배우 여배우": "영화 무대 연극 대본 관객",
            "신랑 신부": "결혼식 주례 부케 청첩장 신혼여행",
        },
    ),
    Relation(
        "past-tense",
        "지금 요즘 오늘 매일 항상 자주 날마다 늘 보통 현재",
        "어제 그제 지난주 작년 예전 옛날 아까 지난달 이미 일찍이",
        {
            "먹다 먹었다": "밥 점심 젓가락 식당 반찬",
            "가다 갔다": "여행 목적지 차표 짐 길",
            "마시다 마셨다": "물 커피 컵 주스 갈증",
            "자다 잤다": "침대 베개 이불 꿈 코골이",
            "읽다 읽었다": "책 도서관 소설 신문 독서",
            "쓰다 썼다": "편지 연필 일기 원고 글씨",
            "걷다 걸었다": "산책 신발 오솔길 인도길 발걸음",
            "부르다 불렀다": "노래 합창단 가사 마이크 가수",
            "추다 췄다": "춤 무용 박자 탈춤 안무",
            "그리다 그렸다": "그림 붓 물감 도화지 화가",
            "사다 샀다": "가게 가격 장바구니 지갑 영수증",
            "배우다 배웠다": "학교 교실 칠판 수업 공부",
            "던지다 던졌다": "공 투수 야구 창던지기 원반",
            "만들다 만들었다": "공장 재료 망치 나무 톱",
            "키우다 키웠다": "화분 씨앗 텃밭 거름 강아지",
            "타다 탔다": "버스 기차 비행기 승객 정류장",
        },
    ),
)

RELATIONS: dict[str, tuple[Relation, ...]] = {"en": ENGLISH, "ko": KOREAN}

# The most frequent words of each language, most frequent first.
FUNCTION_WORDS = {
    "en": "the of and to in a is that it was for on with as at by from this be are an or which "
    "but not were have had one all their there been they we some more into only",
    "ko": "이 은 의 는 을 에 가 를 도 로 에서 와 과 한 그리고 수 있다 것 으로 하는 그 또 더 등 "
    "없다 이다 하지만 때 위해 같은 보다 많은 모든 다시 함께 아주 매우 그래서",
}

# Syllables that the rarer filler words are made of.
SYLLABLES = {
    "en": "ba bel bo bri cal cor da den do dra fe fen fi gal ger gra hal hu jan jo ka kel ki la "
    "len lin lo mar mer mi mu na nel nor pa pen pi pol ra ren ri ro su sel si so tan ter ti "
    "tor tra va vel vi wan wen ya yor za zel",
    "ko": "가 강 거 건 고 관 광 교 구 군 기 나 남 노 단 대 덕 도 동 락 련 령 류 림 만 명 목 문 민 "
    "박 반 방 범 보 봉 비 산 상 서 석 선 소 송 수 순 식 신 안 양 연 영 옥 용 우 원 윤 인 장",
}
