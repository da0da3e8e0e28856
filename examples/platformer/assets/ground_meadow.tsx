<?xml version="1.0" encoding="UTF-8"?>
<tileset version="1.10" tiledversion="1.10.2" name="ground_meadow" tilewidth="48" tileheight="48" tilecount="48" columns="8">
 <image source="ground_meadow.png" width="384" height="288" />
 <tile id="0" type="solid" />
 <tile id="1" type="solid" />
 <tile id="2" type="solid" />
 <tile id="3" type="solid" />
 <tile id="4" type="solid" />
 <tile id="5" type="solid" />
 <tile id="6" type="solid" />
 <tile id="7" type="solid" />
 <tile id="8" type="solid" />
 <tile id="9" type="solid" />
 <tile id="10" type="solid" />
 <tile id="11" type="solid" />
 <tile id="12" type="solid" />
 <tile id="13" type="solid" />
 <tile id="14" type="solid" />
 <tile id="15" type="solid" />
 <tile id="16" type="ledge" />
 <tile id="17" type="ledge" />
 <tile id="18" type="ledge" />
 <tile id="19" type="ledge" />
 <tile id="20" type="thorn" />
 <tile id="21" type="thorn" />
 <tile id="22" type="solid" />
 <tile id="23" type="solid" />
 <tile id="36" type="solid" />
 <tile id="37" type="solid" />
 <tile id="38" type="solid" />
 <tile id="39" type="solid" />
 <tile id="40">
  <animation>
   <frame tileid="40" duration="260" />
   <frame tileid="41" duration="180" />
   <frame tileid="42" duration="260" />
   <frame tileid="41" duration="180" />
  </animation>
 </tile>
</tileset>
